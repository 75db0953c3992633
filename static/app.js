/* htmx replaces the page's main part: lead keyboard and screen reader to its heading, as a new page would. */
document.addEventListener("htmx:afterSettle", (event) => {
  const main = document.getElementById("inhalt");
  if (!main || event.detail.elt !== main) return; /* a quiet update of a part leaves the reader where they are */
  const place = main.querySelector("[autofocus]") || main.querySelector("h1");
  if (!place) return;
  place.setAttribute("tabindex", "-1");
  place.focus({ preventScroll: true });
});

/* No answer from the network: do it once more the plain way, so that the browser itself says what is wrong. */
document.addEventListener("htmx:sendError", (event) => {
  const element = event.detail.elt;
  if (element instanceof HTMLFormElement) HTMLFormElement.prototype.submit.call(element);
  else if (element instanceof HTMLAnchorElement) window.location.assign(element.href);
});

/* The folded hours of a day are one group of radio buttons, and Tab enters a group once: lead into the hour just opened. */
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!details.open || document.activeElement !== details.querySelector("summary")) return;
  const radio = details.querySelector("input[type=radio]");
  if (radio) radio.focus({ preventScroll: true });
}, true);

/* "Very much is going on": said once, however often the page asks, and taken back by the next answer that gets through. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const note = document.getElementById("stoerung");
  if (!note) return;
  if (event.detail.xhr.status !== 503) note.replaceChildren();
  else if (event.detail.target === note && note.hasChildNodes()) event.detail.shouldSwap = false;
});
