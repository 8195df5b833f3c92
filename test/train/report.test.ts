import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { train } from '../../lib';

const folder = mkdtempSync(path.join(tmpdir(), 'torchwright-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(): train.History {
  const history = new train.History();
  for (let step = 1; step <= 200; step++) {
    const values = { loss: 2 / step, ...(step % 50 === 0 ? { 'validation.loss': 3 / step, 'validation.accuracy': 1 - 1 / step } : {}) };
    history.add({ step, epoch: step / 50, values });
  }
  return history;
}

test('a history gives what was put in', () => {
  const history = run();
  expect(history.names).toEqual(['loss', 'validation.loss', 'validation.accuracy']);
  expect(history.series('validation.loss')).toEqual([
    [50, 3 / 50],
    [100, 3 / 100],
    [150, 3 / 150],
    [200, 3 / 200],
  ]);
  expect(history.last('loss')).toBe(0.01);
  expect(history.last('other')).toBeUndefined();
  expect(new train.History(JSON.parse(JSON.stringify(history))).entries).toEqual(history.entries);
  expect(() => history.add({ step: 3, epoch: 1, values: {} })).toThrow(
    'Expected steps that do not go back for History but received number 3',
  );
});

test('learning curves as SVG and PNG', () => {
  const svg = path.join(folder, 'deep', 'curves.svg');
  train.saveLearningCurves(svg, run(), { title: 'Loss & more' });
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg.*Loss &amp; more.*<\/svg>$/s);
  const png = path.join(folder, 'curves.png');
  train.saveLearningCurves(png, run(), { width: 600, panelHeight: 200 });
  const bytes = readFileSync(png);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1200, 2 * 2 * (200 + 70)]); // twice the pixels, two panels
});

test('nothing to draw, and other kinds of files, are refused', () => {
  expect(() => train.learningCurves(new train.History())).toThrow('Expected values in the history for learningCurves but received none');
  expect(() => train.saveLearningCurves('curves.gif', run())).toThrow(
    'Expected a file name that ends in .svg or .png for saveLearningCurves but received string "curves.gif"',
  );
});

test('text of the user is text in the page', () => {
  const html = train.htmlReport(run(), { title: '<b>', settings: { 'a & b': '<script>alert(1)</script>', lr: 1e-3 } });
  expect(html).not.toContain('<script>');
  expect(html).toContain('<th>a &amp; b</th><td>&lt;script&gt;alert(1)&lt;/script&gt;</td>');
});

const BROWSERS = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const browser = BROWSERS.find((file) => file !== undefined && existsSync(file));
if (browser === undefined) console.log('No Chromium found (set CHROME_PATH): the report is not looked at in a browser.');

(browser === undefined ? test.skip : test)(
  'in a browser the report shows its curves and tables, also at the width of a phone',
  async () => {
    const file = path.join(folder, 'report.html');
    const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    train.saveReport(file, run(), { title: 'A run', settings: { lr: 1e-3 }, pictures: [{ title: 'A dot', image: dot }] });
    const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
    const window = await chromium.launch({ executablePath: browser as string, args: flags });
    try {
      const page = await window.newPage({ viewport: { width: 390, height: 800 } });
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('requestfailed', (request) => problems.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      expect(await page.title()).toBe('A run');
      expect(await page.locator('h2').allTextContents()).toEqual(['Learning curves', 'A dot', 'Results', 'Settings', 'Run']);
      expect(await page.locator('figure svg text').allTextContents()).toEqual(expect.arrayContaining(['validation.accuracy', 'step']));
      expect(await page.locator('tr', { hasText: 'validation.accuracy' }).locator('td').textContent()).toBe('0.995');
      expect(await page.locator('img').evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(1);
      // Nothing is wider than the screen, and the curves are seen.
      const [wide, curves] = (await page.evaluate(
        'Promise.resolve([document.documentElement.scrollWidth, document.querySelector("figure svg").getBoundingClientRect().width])',
      )) as [number, number];
      expect(wide).toBeLessThanOrEqual(390);
      expect(curves).toBeGreaterThan(300);
      expect(problems).toEqual([]);
    } finally {
      await window.close();
    }
  },
  60_000,
);
