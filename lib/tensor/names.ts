/**
 * The JavaScript spelling of a schema name: `log_softmax` -> `logSoftmax`, `_foreach_add_` -> `_foreachAdd_`.
 * Underscores at the start and at the end have a meaning (private, in place) and stay.
 */
export function camelCase(name: string): string {
  let start = 0;
  let end = name.length;
  while (start < end && name.charCodeAt(start) === UNDERSCORE) start++;
  while (end > start && name.charCodeAt(end - 1) === UNDERSCORE) end--;
  const first = name.indexOf('_', start);
  if (first < 0 || first >= end) return name;
  let out = name.slice(0, start);
  let at = start;
  for (let cut = first; cut >= 0 && cut < end; cut = name.indexOf('_', at)) {
    out += name.slice(at, cut);
    at = cut + 1;
    while (name.charCodeAt(at) === UNDERSCORE) at++;
    out += name.charAt(at).toUpperCase();
    at++;
  }
  return out + name.slice(at);
}

const UNDERSCORE = 95;
