// Decodes numbers and words that catalogue/outputs/packed.py has written as text. Pure.

import rules from "./rules.js";

const HALF = rules.digits.length / 2;
const valueOf = new Uint8Array(128);
[...rules.digits].forEach((digit, value) => {
  valueOf[digit.charCodeAt(0)] = value;
});

// The first of so many places in an order that is not smaller.
export const firstFrom = (length, isSmaller) => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSmaller(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
};

// The weight of each level, in thousandths.
export const LEVELS = Int32Array.from(rules.levels);

// The level of a weight: the greatest that is not above it.
export const level = (thousandths) => Math.max(0, firstFrom(LEVELS.length, (at) => LEVELS[at] <= thousandths) - 1);

// Plain loops, here and where an answer is made of thousands of entries: calling a function for each element takes several times as long.
export const levels = (text) => {
  const found = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) found[at] = valueOf[text.charCodeAt(at)];
  return found;
};

export const numbers = (text) => {
  const found = new Uint32Array(text.length); // most have one digit
  let place = 0;
  let value = 0;
  let unit = 1;
  for (let at = 0; at < text.length; at += 1) {
    const digit = valueOf[text.charCodeAt(at)];
    if (digit < HALF) {
      found[place] = value + digit * unit;
      place += 1;
      value = 0;
      unit = 1;
    } else {
      value += (digit - HALF) * unit;
      unit *= HALF;
    }
  }
  return found.subarray(0, place);
};

// Turns gaps into the numbers themselves, in place.
export const fromGaps = (gaps) => {
  let last = -1;
  for (let at = 0; at < gaps.length; at += 1) {
    last += gaps[at] + 1;
    gaps[at] = last;
  }
  return gaps;
};

export const deltas = (text) => {
  let last = 0;
  return numbers(text).map((change) => {
    last += change % 2 ? -(change + 1) / 2 : change / 2;
    return last;
  });
};

export const words = (text) => {
  if (!text) return [];
  let last = "";
  return text.split(" ").map((each) => {
    last = last.slice(0, valueOf[each.charCodeAt(0)]) + each.slice(1);
    return last;
  });
};

// The number of the range of sorted keys that contains a key; `begins` has the beginning of each range.
export const runOf = (begins, key) => firstFrom(begins.length, (at) => begins[at] <= key) - 1;
