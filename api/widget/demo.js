// Writes this server's address into the line to paste and copies it on request.
"use strict";

const line = document.getElementById("line");
const copy = document.getElementById("copy");
const copied = document.getElementById("copied");

line.textContent = `<script async src="${new URL("widget.js", document.baseURI)}" data-lang="en"></script>`;
document.getElementById("api").textContent = `${new URL("v1/chat", document.baseURI)}`;

copy.hidden = !navigator.clipboard; // only pages by https and of this machine may write there
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(line.textContent);
    copied.textContent = "Copied.";
  } catch {
    copied.textContent = "The browser does not allow it. Select the line and copy it.";
  }
});
