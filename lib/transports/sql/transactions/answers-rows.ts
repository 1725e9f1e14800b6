const QUERY = /^\s*(?:select|values|show|pragma|explain)\b/i;
const RETURNING = /\breturning\b/i;
const CHANGE = /\b(?:insert\s+into|delete\s+from|(?<!\bfor\s+(?:no\s+key\s+)?)update)\b/i;

/**
 * Whether a statement of ours answers rows. Some libraries have two methods, one for rows and one for the number of changed
 * rows. A `WITH` before a change counts as one that changes, unless it returns.
 */
export function answersRows(sql: string): boolean {
  return QUERY.test(sql) || RETURNING.test(sql) || (/^\s*with\b/i.test(sql) && !CHANGE.test(sql));
}
