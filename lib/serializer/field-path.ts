/** A step into a value: the name of a field, or the position in a list. */
export type PathSegment = string | number;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** A value that refers to itself has a path as long as the limit on depth. */
const MAX_SEGMENTS = 12;

/** A path as one writes it in code: `items[3].price`, `labels["in stock"]`. */
export function formatPath(path: readonly PathSegment[]): string {
  const text = path.slice(0, MAX_SEGMENTS).map(formatSegment).join('').replace(/^\./, '');
  return path.length > MAX_SEGMENTS ? `${text}…` : text;
}

function formatSegment(segment: PathSegment): string {
  if (typeof segment === 'number') {
    return `[${segment}]`;
  }
  return IDENTIFIER.test(segment) ? `.${segment}` : `[${JSON.stringify(segment.slice(0, 100))}]`;
}
