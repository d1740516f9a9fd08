// Sentences of scripts come from the page, in the reader's language: an element has data-say-too-long="At most {most}.",
// and say(element, "tooLong", { most: 512 }) fills it in.  For numbers there are two, data-say-add-one and
// data-say-add-other, of which sayCount(element, "add", number) takes the one that fits.
const language = document.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

export function say(element, name, values = {}) {
  const sentence = element.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export function sayCount(element, name, number, values = {}) {
  const form = plurals.select(number) === "one" ? "One" : "Other";
  return say(element, `${name}${form}`, { number: numbers.format(number), ...values });
}
