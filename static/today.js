/* The day list: reading a code with the camera, where the browser can, and what to do when the login has ended. */
(() => {
  const list = () => document.getElementById("liste");

  /* The list asks for itself; when the answer is another page (the login), go there instead of swallowing it. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, shouldSwap } = event.detail; /* 204 means that nothing has changed */
    if (!shouldSwap || target !== list() || xhr.responseText.includes('id="liste"')) return;
    event.detail.shouldSwap = false;
    window.location.reload();
  });

  const button = document.getElementById("kamera");
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const video = document.getElementById("sucher");
  const word = document.getElementById("kamera-wort");
  const field = document.getElementById("wer");
  let stream = null;
  button.hidden = false;

  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    word.textContent = "";
  };

  const look = async (detector) => {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    if (found.length) {
      field.value = found[0].rawValue.slice(0, 120);
      stop();
      field.form.requestSubmit();
      return;
    }
    window.setTimeout(look, 150, detector);
  };

  button.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      word.textContent = button.dataset.refused;
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    word.textContent = button.dataset.busy;
    await video.play();
    look(new window.BarcodeDetector({ formats: ["qr_code"] }));
  });
})();
