// Says on every page that its data is old, which the build could not know: it has no clock, and may not run any more.

const DAY = 86_400_000;

/** Whether data of a time is older than some days; never where the reader's clock is behind it. */
export const isOld = (looked, days, now) => now - Date.parse(looked) > days * DAY;

const banner = document.querySelector(".age");
const looked = banner?.querySelector("time")?.dateTime;
if (looked && isOld(looked, Number(banner.dataset.days), Date.now())) banner.hidden = false;
