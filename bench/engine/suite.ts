import type { BenchRecord } from '../record.js';
import type { EngineCase } from './case.js';
import { trueChainCase, trueParallelCase } from './commands.js';
import { chainCase, fanOut1000Case, fanOut10000Case, layersCase } from './durable.js';
import { fullPathCase } from './full-path.js';
import { withGround } from './ground.js';
import { memoryCase } from './memory.js';
import { readOptions } from './options.js';
import { recoveryCase } from './recovery.js';
import { tableOf } from './table.js';

const CASES: Readonly<Record<string, EngineCase>> = {
  chain: chainCase,
  'fan-out-1000': fanOut1000Case,
  'fan-out-10000': fanOut10000Case,
  layers: layersCase,
  'true-chain-200': trueChainCase,
  'true-parallel-1000': trueParallelCase,
  'full-path': fullPathCase,
  recovery: recoveryCase,
  memory: memoryCase,
};

/** The durable engine, by the commands of production, beside baselines on the same Postgres. */
export async function engineSuite(
  print: (record: BenchRecord) => void,
  args: readonly string[],
): Promise<void> {
  const options = readOptions(args);
  const unknown = options.cases.filter((name) => CASES[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`No case ${unknown.join(', ')}. There are: ${Object.keys(CASES).join(', ')}.`);
  const records: BenchRecord[] = [];
  const context = {
    options,
    print: (record: BenchRecord) => {
      records.push(record);
      print(record);
    },
    note: (line: string) => void process.stderr.write(`${line}\n`),
  };
  try {
    await withGround(options.backend, async (ground) => {
      for (const [name, measure] of Object.entries(CASES)) {
        if (ground.endings.begun) break;
        if (options.cases.length > 0 && !options.cases.includes(name)) continue;
        try {
          await measure({ ...context, ground });
        } catch (error) {
          if (ground.endings.begun) break;
          // The other cases are worth measuring still.
          process.exitCode = 1;
          context.note(`${name} failed: ${(error as Error).message}`);
        }
      }
    });
  } finally {
    process.stderr.write(`\n${tableOf(records)}`);
  }
}
