// "Every collection" makes the single ones moot: they are shown only without it.

function follow(box) {
  const form = box.form;
  const some = form.querySelector(".people-shelves") ?? form.querySelector('[name="collections"]')?.closest("fieldset");
  if (!some) return;
  const show = () => (some.hidden = box.checked);
  box.addEventListener("change", show);
  show();
}

for (const box of document.querySelectorAll('[name="every_collection"]')) follow(box);
