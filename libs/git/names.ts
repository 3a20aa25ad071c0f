const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FILE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const FORBIDDEN_IN_REF = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(?:\/|$)|(?:^|\/)\./;

/** True for a full lower-case hex object id. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/** Returns the id unchanged; throws unless it is a full hex object id, so that no value can become an option. */
export function objectId(text: string): string {
  if (!isObjectId(text)) throw new Error(`Not a full git object id: ${JSON.stringify(text)}`);
  return text;
}

/** Returns the id of a repository or plan unchanged; throws unless it is usable as one path component. */
export function fileId(text: string): string {
  if (!FILE_ID.test(text)) throw new Error(`Not usable as a name in git: ${JSON.stringify(text)}`);
  return text;
}

/** True if git accepts the name below `refs/heads/` and no command can take it for an option. */
export function isBranchName(name: string): boolean {
  return (
    name !== '' &&
    name !== '@' &&
    name !== 'HEAD' &&
    !name.startsWith('-') &&
    !name.startsWith('/') &&
    !name.endsWith('/') &&
    !name.endsWith('.') &&
    !FORBIDDEN_IN_REF.test(name)
  );
}

/** Full ref of a branch; throws for a name that git would refuse. */
export function branchRef(name: string): string {
  if (!isBranchName(name)) throw new Error(`Not a branch name: ${JSON.stringify(name)}`);
  return `refs/heads/${name}`;
}

/** Returns a full ref unchanged; throws unless it begins with `refs/` and git accepts it. */
export function fullRef(ref: string): string {
  if (!ref.startsWith('refs/') || !isBranchName(ref))
    throw new Error(`Not a full ref: ${JSON.stringify(ref)}`);
  return ref;
}

/** True for what git reaches through a transport, false for a path of this machine. */
export function isUrl(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location) || /^[\w.-]+@[\w.-]+:/.test(location);
}

/** The text without the user name and password of any URL in it. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, '$1');
}

/** The value quoted for a POSIX shell, for commands shown to a person. */
export function shellQuoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
