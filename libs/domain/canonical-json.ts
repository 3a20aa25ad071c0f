/** JSON with sorted keys and without spaces; `undefined` members are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  return `{${membersOf(value as Readonly<Record<string, unknown>>)}}`;
}

/** Every event is hashed: a string that grows makes half as much garbage as pairs that are sorted and joined. */
function membersOf(object: Readonly<Record<string, unknown>>): string {
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined) continue;
    if (members !== '') members += ',';
    members += `${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return members;
}
