// Says on every page how old its data is: pages do not say it themselves, or every one would be another after every night, and
// the build could not say that data is old, since it has no clock and may not run any more.

const DAY = 86_400_000;

/** Whether data of a time is older than some days; never where the reader's clock is behind it. */
export const isOld = (looked, days, now) => now - Date.parse(looked) > days * DAY;

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
    .catch(() => {}); // the page is right without it
}
