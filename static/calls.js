/* The one box of the call center: what was looked for last is marked, so that the next call is typed over it. */
const box = document.getElementById("find");
if (box && document.activeElement === box) box.select();
