// The desk may stand inside a frame of Airflow's own pages. A link marked data-airflow leads out of it:
// the frame is not allowed to move the page around it, but that page may move itself.
if (window.parent !== window) document.documentElement.classList.add("framed");
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-airflow]");
  if (!link || window.parent === window || event.ctrlKey || event.metaKey || event.button !== 0) return;
  event.preventDefault();
  const outside = window.parent.document.createElement("a");
  outside.href = link.href;
  window.parent.document.body.append(outside);
  outside.click();
  outside.remove();
});

// On a phone the menu scrolls sideways: where one is must be in sight.
document.querySelector(".top [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
