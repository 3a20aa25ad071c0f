import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { ReportReading } from '#domain/spec/check-report.js';
import { ReportProblem, TestList, type ToldTest } from './test-list.js';

const MAX_DEPTH = 100;
/** Of what a failure says. */
const TEXT_LENGTH = 4_000;
/** What Node calls the class of every test: no part of its name. */
const NO_CLASS = 'test';

type Attributes = Readonly<Record<string, string>>;

interface Suite {
  readonly name: string;
  readonly file: string | undefined;
}

/**
 * Reads JUnit XML. A document type is refused as a whole, so that no entity but the five of XML has a meaning.
 *
 * @throws ReportProblem
 */
export function readJunit(text: string, roots: readonly string[]): ReportReading {
  const begin = text.search(/<\?xml|<testsuites?[\s>/]/);
  if (begin < 0) throw new ReportProblem('it holds no JUnit XML');
  const end = text.lastIndexOf('>') + 1;
  const document = new JunitDocument(roots);
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  parser.on('doctype', () => {
    throw new ReportProblem('it has a document type, which is refused');
  });
  parser.on('error', (error) => {
    throw new ReportProblem(`it is not well-formed XML: ${error.message}`);
  });
  parser.on('opentag', (tag) => document.open(tag));
  parser.on('closetag', (tag) => document.close(tag.name));
  parser.on('text', (piece) => document.text(piece));
  parser.on('cdata', (piece) => document.text(piece));
  parser.write(text.slice(begin, end)).close();
  return document.end();
}

/** Follows the tags of one document. */
class JunitDocument {
  private readonly list: TestList;
  private readonly suites: Suite[] = [];
  private depth = 0;
  private test: { told: ToldTest; outcome: ToldTest['outcome']; message: string | null } | null = null;
  /** The failure that is open, and what it says so far. */
  private failure: string | null = null;
  private declaresFailures = false;
  private failures = 0;

  constructor(roots: readonly string[]) {
    this.list = new TestList(roots);
  }

  open(tag: SaxesTagPlain): void {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new ReportProblem(`its elements lie deeper than ${MAX_DEPTH}`);
    const { name, attributes } = tag;
    if (name === 'testsuites' || name === 'testsuite') this.declare(attributes);
    if (name === 'testsuite') this.suites.push(this.suiteOf(attributes));
    else if (name === 'testcase') this.begin(attributes);
    else if (name === 'failure' || name === 'error') this.fail(attributes);
    else if (name === 'skipped' && this.test !== null) this.test.outcome = 'skipped';
  }

  close(name: string): void {
    this.depth -= 1;
    if (name === 'testsuite') this.suites.pop();
    else if (name === 'testcase') this.finish();
    else if ((name === 'failure' || name === 'error') && this.failure !== null) {
      if (this.test !== null) this.test.message ??= this.failure.trim();
      this.failure = null;
    }
  }

  text(piece: string): void {
    if (this.failure === null || this.failure.length >= TEXT_LENGTH) return;
    this.failure += piece.slice(0, TEXT_LENGTH - this.failure.length);
  }

  end(): ReportReading {
    const { tests } = this.list;
    return { kind: 'tests', tests, failed: this.declaresFailures && this.failures === 0 };
  }

  private declare(attributes: Attributes): void {
    const declared = [attributes['failures'], attributes['errors']].map(Number);
    if (declared.some((count) => count > 0)) this.declaresFailures = true;
  }

  private suiteOf(attributes: Attributes): Suite {
    return { name: attributes['name'] ?? '', file: attributes['file'] ?? this.suites.at(-1)?.file };
  }

  private begin(attributes: Attributes): void {
    const groups = this.suites.map((suite) => suite.name);
    const { classname = NO_CLASS, name = '' } = attributes;
    const file = attributes['file'] ?? this.suites.at(-1)?.file;
    const place = file === undefined ? undefined : (this.list.fileOf(file) ?? file);
    const owner = classname === NO_CLASS || classname === groups.at(-1) ? [] : [classname];
    const first = place === undefined || groups.includes(file ?? '') ? [] : [place];
    const line = Number(attributes['line']);
    const path = [...first, ...groups, ...owner, name];
    this.test = { told: { path, outcome: 'passed', file, line }, outcome: 'passed', message: null };
  }

  private fail(attributes: Attributes): void {
    this.failures += 1;
    const { message = '' } = attributes;
    this.failure = message.slice(0, TEXT_LENGTH);
    if (this.failure !== '') this.failure += '\n';
    if (this.test !== null) {
      if (this.test.outcome === 'passed') this.test.outcome = 'failed';
      return;
    }
    // Outside of any test: the suite itself broke.
    const path = [...this.suites.map((suite) => suite.name), '(the whole suite)'];
    this.list.add({ path, outcome: 'failed', file: this.suites.at(-1)?.file, message });
  }

  private finish(): void {
    if (this.test === null) return;
    const { told, outcome, message } = this.test;
    this.list.add({ ...told, outcome, message: message ?? undefined });
    this.test = null;
  }
}
