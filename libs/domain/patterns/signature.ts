/** What of a signature can be compared across languages; null: not said. */
export interface SignatureShape {
  readonly parameters: number | null;
  readonly isAsync: boolean | null;
  readonly exported: boolean | null;
}

const NOT_SAID: SignatureShape = { parameters: null, isAsync: null, exported: null };

/** Reads a signature as its language writes it; one without a list of parameters says nothing of them. */
export function signatureShape(signature: string, name = ''): SignatureShape {
  if (signature === '') return NOT_SAID;
  return {
    parameters: countParameters(signature),
    isAsync: /\basync\b/.test(signature),
    exported: isExported(signature, name),
  };
}

/** How alike two shapes are in what both say, 0 to 1; null where they say nothing in common. Symmetric. */
export function shapeSimilarity(a: SignatureShape, b: SignatureShape): number | null {
  const parts: number[] = [];
  if (a.parameters !== null && b.parameters !== null)
    parts.push(1 / (1 + Math.abs(a.parameters - b.parameters)));
  if (a.isAsync !== null && b.isAsync !== null) parts.push(a.isAsync === b.isAsync ? 1 : 0);
  if (a.exported !== null && b.exported !== null) parts.push(a.exported === b.exported ? 1 : 0);
  return parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

function isExported(signature: string, name: string): boolean | null {
  if (/^export\b|\bpublic\b/.test(signature)) return true;
  if (/\bprivate\b|\bprotected\b/.test(signature)) return false;
  if (/^func\b/.test(signature)) return /^\p{Lu}/u.test(name);
  if (/^(?:async )?def\b/.test(signature)) return !name.startsWith('_');
  return /^(?:async )?function\b|^(?:const|let|var)\b/.test(signature) ? false : null;
}

const OPEN = '([{<';
const CLOSE = ')]}>';

/** Parameters of the first list in brackets that follows the name, or the arrow's; a Go receiver is no list of them. */
function countParameters(signature: string): number | null {
  const from = /^func \(/.test(signature) ? signature.indexOf(')') + 1 : 0;
  const start = signature.indexOf('(', from);
  if (start < 0) return /[\w$]\s*=>\s*$/.test(signature) ? 1 : null;
  let depth = 0;
  let commas = 0;
  let said = false;
  for (let at = start; at < signature.length; at += 1) {
    const character = signature[at] ?? '';
    const arrow = character === '>' && signature[at - 1] === '=';
    if (OPEN.includes(character)) depth += 1;
    else if (CLOSE.includes(character) && !arrow) depth -= 1;
    else if (depth === 1 && character === ',') commas += 1;
    if (depth === 0) break;
    if (at > start && !/[\s,]/.test(character)) said = true;
  }
  const trailing = /,\s*\)/.test(signature.slice(start)) && commas > 0 ? 1 : 0;
  return said ? commas + 1 - trailing : 0;
}
