import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Lang, parse } from '@ast-grep/napi';

/** The baseline: every file is read and parsed once, and nothing is asked of it. */
for (const path of workerData as readonly string[]) parse(Lang.TypeScript, readFileSync(path, 'utf8')).root();
parentPort?.postMessage('done');
