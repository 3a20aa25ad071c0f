/** What the codemods share: the task's input, and careful edits of source files. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What Planwright tells about this attempt. By hand, without Planwright, it is a first attempt. */
export function readInput() {
  const file = process.env.PLANWRIGHT_INPUT;
  return file ? JSON.parse(readFileSync(file, 'utf8')) : { attempt: 1, violations: [], rejectedDiff: '' };
}

/** Ends the script: the source is not what the codemod was written for, and guessing would do harm. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Copies files from `codemods/new-files` to the same place in the repository. */
export function addFiles(...paths) {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(new URL(`new-files/${path}`, import.meta.url), path);
    console.log(`${path}: written`);
  }
}

export function removeFiles(...paths) {
  for (const path of paths) {
    rmSync(path, { force: true });
    console.log(`${path}: removed`);
  }
}

/** Opens a source file, lets `change` edit it, and saves it. */
export function edit(path, change) {
  if (!existsSync(path)) fail(`${path}: there is no such file`);
  const file = new SourceFile(path);
  change(file);
  file.save();
}

class SourceFile {
  constructor(path) {
    this.path = path;
    this.original = readFileSync(path, 'utf8');
    this.text = this.original;
  }

  /** Replaces a passage that occurs exactly once. Where the new one stands already, there is nothing to do. */
  replace(before, after) {
    if (after !== '' && this.text.includes(after)) return;
    const occurrences = this.text.split(before).length - 1;
    if (occurrences !== 1) fail(`${this.path}: found ${occurrences} places, not one, that read:\n${before}`);
    this.text = this.text.replace(before, () => after);
  }

  /** Removes a passage that occurs exactly once. */
  remove(passage) {
    this.replace(passage, '');
  }

  /** Edits the text of one function. */
  inFunction(name, change) {
    const found = new RegExp(`^(export )?(async )?function ${name}\\b[^]*?^}$`, 'm').exec(this.text);
    if (found === null) fail(`${this.path}: there is no function ${name}`);
    const [before] = found;
    this.text = this.text.replace(before, () => change(before));
  }

  /** Edits one line, given by its number from 1. */
  inLine(number, change) {
    const lines = this.text.split('\n');
    lines[number - 1] = change(lines[number - 1]);
    this.text = lines.join('\n');
  }

  /** Numbers of the lines in which the word stands, imports left out. */
  linesWith(word) {
    const lines = this.text.split('\n');
    return lines.flatMap((line, index) =>
      hasWord(line, word) && !line.startsWith('import ') ? [index + 1] : [],
    );
  }

  /** Imports a name where it is used, and not where it is not. */
  tidyImport(name, from) {
    const line = `import { ${name} } from '${from}';\n`;
    const isUsed = this.linesWith(name).length > 0;
    if (!isUsed) this.text = this.text.replace(line, '');
    else if (!this.text.includes(line))
      this.text = this.text.replace(/^import .* from '\.\.?\//m, (next) => line + next);
  }

  save() {
    if (this.text === this.original) return console.log(`${this.path}: nothing to do`);
    writeFileSync(this.path, this.text);
    console.log(
      `${this.path}: +${countNew(this.original, this.text)} -${countNew(this.text, this.original)} lines`,
    );
  }
}

/** How many lines of `after` do not stand in `before`. */
function countNew(before, after) {
  const known = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !known.has(line)).length;
}

function hasWord(text, word) {
  return new RegExp(`\\b${word}\\b`).test(text);
}
