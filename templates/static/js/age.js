// Writes on every page how old its data is. Pages do not contain this, or every one would change every night; and a build cannot
// tell that its data has become old, since it may not run any more.

const DAY = 86_400_000;

/** Whether data from a time is older than some days; never if the reader's clock is behind that time. */
const isOld = (looked, days, now) => now - Date.parse(looked) > days * DAY;

const line = document.querySelector("[data-age]");
const banner = document.querySelector(".age");

const say = ({ harvested, looked }) => {
  line.querySelector("strong").textContent = harvested.words;
  if (!banner || !looked || !isOld(looked.time, Number(banner.dataset.days), Date.now())) return;
  const time = document.createElement("time");
  time.dateTime = looked.time;
  time.textContent = looked.words;
  banner.querySelector("time, span").replaceWith(time);
  banner.hidden = false;
};

if (line) {
  fetch(line.dataset.age)
    .then((answer) => answer.json())
    .then(say)
    .catch(() => {}); // the page is complete without it
}
