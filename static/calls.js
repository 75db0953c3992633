/* The one box of the call center: what was looked for last is marked, so that the next call is typed over it. */
const box = document.getElementById("find");
if (box && document.activeElement === box) box.select();
else if (box && box.autofocus) box.addEventListener("focus", () => box.select(), { once: true }); // not focused yet

/* A call by keyboard: Ctrl+Enter does the first deed of the page, Enter on a time keeps it; and the true time that is left. */
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const deed = event.ctrlKey || event.metaKey ? "buchen" : event.target.matches("input[name=slot]") ? "halten" : "";
    const button = deed && document.getElementById(deed);
    if (!button) return;
    event.preventDefault();
    button.form.requestSubmit(button);
  });

  const tick = () => {
    for (const timer of document.querySelectorAll("[role=timer][data-until]")) {
      const left = Math.max(0, Math.ceil((Date.parse(timer.dataset.until) - Date.now()) / 1000));
      timer.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : timer.dataset.over;
      const hold = timer.closest(".hold");
      hold.classList.toggle("hold--over", !left); // nothing is kept any more: the next press says so, and what is free
      const bar = hold.querySelector("progress");
      if (bar) bar.value = left;
    }
  };
  window.setInterval(tick, 1000);
  tick();
})();
