import type { DeclarationsPort } from '#engine/ports/declarations.port.js';
import type { FactsPort } from '#engine/ports/facts.port.js';
import type { BlobSource } from '#engine/ports/git.port.js';
import { PackStore } from './cache/pack-store.js';
import { RecordCache } from './cache/record-cache.js';
import { Collector } from './collector.js';
import { Declarations } from './declarations.js';
import { ExaminerPool, type ThreadsConfig } from './extract/examiner-pool.js';
import { EXTRACTOR_VERSION } from './record.js';
import { RecordSource } from './record-source.js';

export interface FactsConfig {
  /** Larger files are named as not read, which leaves a rule undecided. Default 10 MiB. */
  readonly maxFileBytes?: number;
  /** Bound of the records held in memory. Default 64 MiB. */
  readonly maxMemoryBytes?: number;
  /** Where records outlive the process; absent: nowhere. */
  readonly disk?: {
    readonly folder: string;
    /** Default 512 MiB. */
    readonly maxBytes?: number;
  };
  /** Absent: everything is parsed in the caller's thread. */
  readonly threads?: ThreadsConfig;
  /** Whether files that cannot hold a term are left unparsed. Default true; the verdict is the same. */
  readonly skip?: boolean;
}

export interface Facts extends FactsPort, DeclarationsPort {
  /** Extracts and keeps the record of every supported file of a commit. */
  fill(request: { readonly source: BlobSource; readonly commit: string }): Promise<void>;
  /** Writes what is not on disk yet, and ends threads. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;

/** Extracts facts from committed blobs, each blob once, without a checkout. */
export function createFacts(config: FactsConfig = {}): Facts {
  const { disk } = config;
  const store =
    disk === undefined ? null : new PackStore(disk.folder, EXTRACTOR_VERSION, disk.maxBytes ?? 512 * MIB);
  const pool = new ExaminerPool(config.threads ?? null);
  const cache = new RecordCache(config.maxMemoryBytes ?? 64 * MIB, store);
  const records = new RecordSource(cache, pool);
  const maxFileBytes = config.maxFileBytes ?? 10 * MIB;
  const collector = new Collector(records, { maxFileBytes, skip: config.skip ?? true });
  const declarations = new Declarations(records, maxFileBytes);
  return {
    collect: (request) => collector.collect(request),
    declarations: (request) => declarations.list(request),
    fill: (request) => collector.fill(request),
    close: async () => {
      await pool.close();
      await cache.close();
    },
  };
}
