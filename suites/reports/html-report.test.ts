import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FinishedRun } from '../../harness/run/finish-run.ts';
import { runPlan } from '../../harness/run/run-plan.ts';
import { loadMatrix } from '../../matrix/index.ts';
import { hasProgram } from '../external-program.ts';
import { smallPlan } from '../run/small-plan.ts';

const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOTS = 'out/screenshots';
const runtime = new URL('../run/fake-runtime.ts', import.meta.url).href;

describe.runIf(hasProgram('chromium', 'chromium'))('The HTML report in a browser', () => {
  const out = mkdtempSync(join(tmpdir(), 'parley-report-'));
  let run: FinishedRun;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const filter = 'recipient!=galaxy-up24,recipient!=iphone-up24';
    run = await runPlan({ matrix: loadMatrix(), plan: smallPlan, runtime, out, jobs: 2, filter });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(out, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await openReport(1280, 900, 'light');
  });
  afterEach(async () => {
    await page.close();
    expect(complaints, 'errors on the console of the page').toEqual([]);
  });

  async function openReport(width: number, height: number, colorScheme: 'light' | 'dark', hash = '') {
    const opened = await browser.newPage({ viewport: { width, height }, colorScheme });
    complaints = [];
    opened.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    opened.on('pageerror', (error) => complaints.push(String(error)));
    opened.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`loads ${request.url()}`);
    });
    opened.on('dialog', (dialog) => complaints.push(`ran script from the data: ${dialog.message()}`));
    await opened.goto(pathToFileURL(join(run.folder, 'index.html')).href + hash);
    if (hash.includes('cell=')) await opened.locator('.cell-body').waitFor();
    return opened;
  }

  const failedCell = () => run.results.find(({ outcome, canary }) => outcome === 'failed' && !canary)!;
  const rows = () => page.getByRole('region', { name: 'Cells' }).locator('.cell');

  test('leads from the heat map to the cells behind a square, to a cell, to the bytes of its evidence', async () => {
    await page.screenshot({ path: `${SCREENSHOTS}/report.png` });
    await page.getByRole('button', { name: /^pixel-up30 × joyn-ios: 2 failed/ }).click();
    expect(await rows().count()).toBe(2);
    await rows().first().click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('heading', { level: 2 }).textContent()).toContain('recipient=joyn-ios');
    expect(await dialog.locator('.blame').textContent()).toContain('carrier:B is to blame');
    expect(await dialog.locator('.command code').allTextContents()).toEqual([
      expect.stringMatching(/^npx parley replay .*case\.yaml$/),
      expect.stringMatching(/^npx parley capture .*trace\.jsonl$/),
    ]);
    expect(await dialog.locator('.excerpt .frame.evidence').getAttribute('aria-label')).toMatch(/200 OK/);
    await dialog.getByRole('button', { name: /^Show entry/ }).click();
    expect(await dialog.locator('.whole .frame.evidence + .frame-more .bytes').textContent()).toContain(
      'SIP/2.0 200 OK',
    );
    await page.screenshot({ path: `${SCREENSHOTS}/report-cell.png` });
  });

  test('shows frames as a ladder: who to whom, what, and what was lost', async () => {
    await page.close();
    page = await openReport(1280, 1400, 'light', `#cell=${encodeURIComponent(failedCell().id)}`);
    const hosts = await page.getByRole('region', { name: 'Frames' }).locator('.host b').allTextContents();
    expect(hosts).toEqual(['alice', 'A sip', 'A kds', 'B sip', 'bob']);
    const lost = page.locator('.whole .f-lost');
    expect(await lost.getAttribute('aria-label')).toBe(
      '80 ms, sip.carrier-b.example to bob-phone: MESSAGE tel:+99990020001 message/cpim > text/plain 100 B, lost',
    );
    await page.getByLabel(/Show 1 stream event/).check();
    expect(await page.locator('.row.life:visible').count()).toBe(1);
    await page
      .locator('.whole')
      .getByRole('button', { name: /^9 ms, kds/ })
      .click();
    expect(await page.locator('.bytes.hex').textContent()).toMatch(/^000000 {2}01 00 02 ff fe 00 /);
    await page.locator('.whole').scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${SCREENSHOTS}/report-ladder.png` });
  });

  test('shows what a frame carries, with the marker, also of a cell that passed', async () => {
    const passed = run.results.find(({ outcome }) => outcome === 'passed')!;
    await page.goto(`${page.url()}#cell=${encodeURIComponent(passed.id)}`);
    await page
      .getByRole('button', { name: /MESSAGE .*text\/plain/ })
      .first()
      .click();
    const more = page.locator('.frame-more:visible');
    expect(await more.locator('h5').first().textContent()).toBe('Content, text/plain');
    expect(await more.locator('.content mark').textContent()).toBe('marker-1');
  });

  test('tells of each message the rule, what it expects and what was seen', async () => {
    const passed = run.results.find(
      ({ outcome, axes }) => outcome === 'passed' && axes['scenario'] === 'one-to-one',
    )!;
    await page.goto(`${page.url()}#cell=${encodeURIComponent(passed.id)}`);
    const judged = page.locator('.judged').first();
    expect(await judged.locator('h4').textContent()).toContain('message "hello" mls-displayed');
    expect(await judged.locator('.versus p').allTextContents()).toEqual([
      'channel rcs, badge secure, state displayed, received yes, carrier sees ciphertext, notify nobody',
      'channel rcs, badge secure, state delivered, received yes, its marker readable in 4 frames',
    ]);
  });

  test('says so when the address names no cell of the run', async () => {
    await page.goto(`${page.url()}#cell=sender=nobody`);
    expect(await page.getByRole('dialog').textContent()).toContain('not in this run');
    await page.keyboard.press('Escape');
    await expect.poll(() => new URL(page.url()).hash).toBe('');
  });

  test('keeps the filters in the address, and finds canaries by words', async () => {
    await page.getByLabel('sender', { exact: true }).selectOption('iphone-up30');
    await page.locator('.tile', { hasText: 'passed' }).click();
    await page.getByRole('searchbox').fill('onboarding');
    const { hash } = new URL(page.url());
    expect(hash).toBe('#sender=iphone-up30&outcome=passed&search=onboarding');
    const count = await rows().count();
    await page.close();
    page = await openReport(1280, 900, 'light', hash);
    expect(await rows().count()).toBe(count);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('searchbox').fill('canary=phone');
    expect(await page.getByRole('status').textContent()).toMatch(/^0 of \d+ cells, 1 of 2 canaries$/);
    expect(await page.getByRole('region', { name: 'Canaries' }).locator('.cell').count()).toBe(1);
  });

  test('explains the heat map, and tells what is filtered away from what never was', async () => {
    const legend = page.locator('#heat-legend');
    expect(await legend.textContent()).toMatch(/number counts the cells.*failed.*passed/);
    expect(await page.locator('.square.away').count()).toBe(0);
    await page.locator('.tile', { hasText: 'failed' }).click();
    expect(await page.locator('.square.away').count()).toBeGreaterThan(0);
    expect(await legend.textContent()).toContain('filtered away');
  });

  test('filters by outcome, by axis and by words, and finds the way back', async () => {
    const cells = run.results.filter(({ canary }) => canary === undefined);
    await page.locator('.tile', { hasText: 'unsupported' }).click();
    expect(await rows().count()).toBe(cells.filter(({ outcome }) => outcome === 'unsupported').length);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('sender', { exact: true }).selectOption('iphone-up30');
    expect(await rows().count()).toBe(cells.filter(({ axes }) => axes['sender'] === 'iphone-up30').length);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('searchbox').pressSequentially('i3-delivery onboarding');
    expect(await rows().count()).toBe(1);
    expect(await page.getByRole('searchbox').inputValue()).toBe('i3-delivery onboarding');
  });

  test('tells the canaries apart from the cells, and whether they were caught', async () => {
    const canaries = page.getByRole('region', { name: 'Canaries' }).getByRole('button');
    expect(await canaries.allTextContents()).toEqual([
      expect.stringMatching(/caught.*carrier-leaks-plaintext.*carrier:B/),
      expect.stringMatching(/caught.*phone-downgrades-silently.*device:alice/),
    ]);
    expect(await page.locator('.tile', { hasText: 'failed' }).textContent()).toMatch(/^2/);
  });

  test('puts any two axes on the heat map', async () => {
    await page.getByLabel('Rows').selectOption('scenario');
    await page.getByLabel('Columns').selectOption('sender');
    expect(await page.locator('.heat tbody th').allTextContents()).toEqual(['onboarding', 'one-to-one']);
    expect(await page.locator('.heat thead th').allTextContents()).toEqual(['iphone-up30', 'pixel-up30']);
    await page.getByLabel('Rows').selectOption('sender');
    expect(await page.locator('.heat thead th').allTextContents()).toEqual(['onboarding', 'one-to-one']);
  });

  test('needs no mouse: Enter opens a cell, Escape and Back close it, the address names it', async () => {
    await rows().first().focus();
    await page.keyboard.press('Enter');
    expect(decodeURIComponent(new URL(page.url()).hash)).toMatch(/^#cell=/);
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await expect.poll(() => new URL(page.url()).hash).toBe('');
    await rows().first().click();
    await page.goBack();
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
  });

  test('shows text from a trace as text, markup included', async () => {
    await page.goto(`${page.url()}#cell=${encodeURIComponent(failedCell().id)}`);
    expect(await page.locator('.bubble p').first().textContent()).toBe('hello <b>marker-1</b>');
    await page.locator('.whole .frame.f-lost').click();
    expect(await page.locator('.bytes').first().textContent()).toContain(
      '</script><script>alert(1)</script>',
    );
  });

  test.each([
    ['light', 400],
    ['dark', 400],
    ['dark', 1280],
  ] as const)('in %s at %d pixels nothing is wider than the page', async (scheme, width) => {
    for (const [name, hash] of [
      ['', ''],
      ['-cell', `#cell=${encodeURIComponent(failedCell().id)}`],
    ] as const) {
      await page.close();
      page = await openReport(width, 900, scheme, hash);
      const [inner, scrolled] = (await page.evaluate(
        '[innerWidth, document.documentElement.scrollWidth]',
      )) as number[];
      expect(scrolled).toBeLessThanOrEqual(inner!);
      const dialog = await page.evaluate(
        "document.querySelector('dialog').scrollWidth - document.querySelector('dialog').clientWidth",
      );
      expect(dialog).toBe(0);
      await page.screenshot({ path: `${SCREENSHOTS}/report${name}-${scheme}-${width}.png` });
    }
  });
});
