import { readFileSync } from 'node:fs';
import { EXTRACTOR_VERSION } from './record.js';

test('records of other parsers are never read: the version names those that are installed', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const parsers = Object.entries(dependencies).filter(([name]) => name.includes('tree-sitter'));
  expect(EXTRACTOR_VERSION.split(' ').slice(1).sort()).toEqual(
    parsers.map(([name, version]) => `${name.replace(/^@[^/]+\//, '')}-${version}`).sort(),
  );
});
