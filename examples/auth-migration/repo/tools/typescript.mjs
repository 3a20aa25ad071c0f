// Lets Node run TypeScript: `node --import ./tools/typescript.mjs file.ts`.
// Newer versions of Node do so by themselves; for older ones the types are erased on loading.
import { register } from 'node:module';

if (!process.features.typescript) register('./erase-types.mjs', import.meta.url);
