import { findBreaks, type Comparable } from './openapi-breaks.js';
import { openApiDocument } from './openapi.js';
import { OPERATIONS } from './operations.js';

interface Loose {
  [key: string]: Loose;
}

/** The document, and a copy that `change` may spoil. */
function breaksAfter(change: (document: Loose) => void): string[] {
  const before = JSON.parse(JSON.stringify(openApiDocument())) as Comparable;
  const after = structuredClone(before);
  change(after as unknown as Loose);
  return findBreaks(before, after);
}
const schema = (document: Loose, name: string) => document['components']?.['schemas']?.[name] as Loose;
const properties = (document: Loose, name: string) => schema(document, name)['properties'] as Loose;

describe('the OpenAPI document', () => {
  const document = openApiDocument();
  const text = JSON.stringify(document);

  it('has every schema that it refers to', () => {
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(Object.keys(document.components['schemas'] as object)).toEqual(
      expect.arrayContaining([...new Set(names)]),
    );
  });

  it('names each operation once, with a summary, a success and a problem', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map((each) => each['operationId'])).size).toBe(operations.length);
    for (const { summary, responses } of operations) {
      expect(summary).toMatch(/\w/);
      const statuses = Object.keys(responses as object);
      expect(statuses.filter((status) => status.startsWith('2'))).toHaveLength(1);
      expect(JSON.stringify(responses)).toContain('application/problem+json');
    }
  });

  it('says of every request that has a key that the key may be in use, or of another body', () => {
    const keyed = OPERATIONS.filter(({ headers }) => headers?.includes('Idempotency-Key'));
    const unsaid = keyed.filter(
      ({ refusals }) => !refusals.includes('conflict') || !refusals.includes('invalid'),
    );
    expect(keyed.length).toBeGreaterThan(20);
    expect(unsaid.map(({ id }) => id)).toEqual([]);
  });

  it('asks for the token wherever something may change', () => {
    for (const [method, { security }] of Object.values(document.paths).flatMap(Object.entries) as [
      string,
      { security: unknown[] },
    ][])
      expect(security).toHaveLength(method === 'get' ? 0 : 1);
  });

  it('refuses unknown fields in every request', () => {
    for (const name of ['CreatePlan', 'UpdatePlan', 'CreatePhase', 'CreateTask', 'UpdateTask', 'PlanFile'])
      expect(document.components['schemas']).toHaveProperty([name, 'additionalProperties'], false);
  });
});

describe('a breaking change is', () => {
  it('not a document that stayed', () => expect(breaksAfter(() => undefined)).toEqual([]));

  it('not a new answer field, and not a new optional request field', () =>
    expect(
      breaksAfter((document) => {
        properties(document, 'Plan')['new'] = { type: {} };
        properties(document, 'CreatePlan')['new'] = { type: {} };
      }),
    ).toEqual([]));

  it('a path or an operation that is gone', () =>
    expect(
      breaksAfter((document) => {
        delete document['paths']?.['/api/health'];
        delete document['paths']?.['/api/plans']?.['post'];
      }),
    ).toEqual(['POST /api/plans is gone', 'GET /api/health is gone']));

  it('an answer field that is gone, or that may be absent', () => {
    const breaks = breaksAfter((document) => {
      delete properties(document, 'Task')['title'];
      schema(document, 'Plan')['required'] = [] as unknown as Loose;
    });
    expect(breaks).toContainEqual(expect.stringMatching(/^title in an item of tasks in .* is gone$/));
    expect(breaks).toContain('name in the answer 200 of GET /api/plans/{plan} may be absent now');
  });

  it('a new required request field, and one that is refused now', () => {
    const breaks = breaksAfter((document) => {
      (schema(document, 'CreatePlan')['required'] as unknown as string[]).push('owner');
      delete properties(document, 'CreatePlan')['planYaml'];
    });
    expect(breaks).toEqual([
      'planYaml in the body of POST /api/plans is gone',
      'owner in the body of POST /api/plans is required now',
    ]);
  });

  it('a state that old clients do not know', () => {
    const breaks = breaksAfter((document) => {
      (properties(document, 'Phase')['status']?.['enum'] as unknown as string[]).push('lost');
    });
    expect(breaks).toContainEqual(expect.stringMatching(/^status in .* can be "lost"$/));
  });
});
