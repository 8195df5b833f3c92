/** The registry of papers is true, and what is generated from it is up to date. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as torch from '../../lib';
import { foundations, papers } from '../../lib/papers/registry';
import { functionOf } from '../../scripts/golden/call';
import { readCaseFiles } from '../../scripts/golden/cases';
import { generatedFiles, measuredFile, ROOT } from '../../scripts/papers/docs';

const done = [...foundations, ...papers].filter(({ status }) => status === 'done');

test('there are 69 papers, numbered from 1, under the names of their files', () => {
  expect(papers.map(({ number }) => number)).toEqual(Array.from({ length: 69 }, (_, k) => k + 1));
  for (const { number, slug } of papers) expect(slug).toMatch(new RegExp(`^${String(number).padStart(2, '0')}-[a-z0-9-]+$`));
  for (const { exports, status } of papers) expect(exports.length > 0).toBe(status === 'done');
});

test('foundations are all there, numbered 0, under the names of their files', () => {
  for (const { number, status } of foundations) expect({ number, status }).toEqual({ number: 0, status: 'done' });
  for (const { slug } of foundations) expect(slug).toMatch(/^00-[a-z0-9-]+$/);
});

describe.each(done.map((paper) => [paper.slug, paper] as const))('%s', (_, paper) => {
  test('its recipe, golden cases, page and measurements are there', () => {
    const missing = [paper.example, paper.golden, paper.page].filter((file) => !existsSync(path.join(ROOT, file)));
    expect(missing).toEqual([]);
    expect(existsSync(measuredFile(paper))).toBe(true);
  });

  test('its exports are there, and each golden case calls one of them', () => {
    for (const name of paper.exports) expect(typeof functionOf(name)).toBe('function');
    const file = readCaseFiles(path.join(ROOT, 'test', 'golden')).find(({ method }) => method === paper.slug);
    const called = [...new Set(file?.cases.map((one) => one.function))];
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter((name) => !paper.exports.includes(name))).toEqual([]);
  });

  test('its page shows code, and its measurements are of a run of the usual size on three seeds or as its recipe has', () => {
    expect(readFileSync(path.join(ROOT, paper.page), 'utf8')).toMatch(/```ts\n[\s\S]*from 'torchwright'/);
    const measured = JSON.parse(readFileSync(measuredFile(paper), 'utf8')) as { paper: number; size: string; claims: unknown[] };
    expect(measured).toMatchObject({ paper: paper.number, size: 'usual' });
    expect(measured.claims.length).toBeGreaterThan(0);
  });
});

test('all golden files belong to a paper that is there', () => {
  const known = new Set(done.map(({ slug }) => slug));
  expect(readCaseFiles(path.join(ROOT, 'test', 'golden')).filter(({ method }) => !known.has(method))).toEqual([]);
});

test('everything under losses and methods belongs to a paper', () => {
  const known = new Set(done.flatMap(({ exports }) => exports));
  const names = (['losses', 'methods'] as const).flatMap((space) => Object.keys(torch[space]).map((name) => `${space}.${name}`));
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

test('README and pages are as generated', () => {
  for (const [file, content] of generatedFiles())
    expect({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }).toEqual({ file, text: content });
});
