const names = new Map<string, string>();

/** Statements are few and their texts fixed: each has a name, under which a connection prepares it once. */
export function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size + 1}`;
    names.set(text, name);
  }
  return name;
}
