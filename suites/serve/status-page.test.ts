import { existsSync, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { folder, NOW, numberOf, phone, serve, until } from './support/served.ts';

const CHROMIUM = '/usr/bin/chromium';
const present = existsSync(CHROMIUM);
if (!present)
  console.warn(`The status page is not opened in a browser: there is no ${CHROMIUM} on this machine.`);

describe.skipIf(!present)('The status page in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync('out/screenshots', { recursive: true });
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  }, 90_000);
  afterAll(() => browser?.close());

  async function opened(url: string, complaints: string[]): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    onTestFinished(() => page.close());
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    return page;
  }

  test('shows registrations, messages and frames as they happen, and no content', async () => {
    const server = await serve();
    const complaints: string[] = [];
    const page = await opened(server.descriptor.status, complaints);
    const section = (name: string) => page.getByRole('region', { name });
    await section('Registrations').getByText('Nobody is registered.').waitFor();

    const [alice, bob] = ['alice', 'bob'].map((name) => phone(server.descriptor, name, 'tls'));
    expect([await alice!.register(), await bob!.register()]).toEqual([200, 200]);
    await section('Registrations')
      .getByRole('row', { name: /alice \(A\) .*tls/ })
      .waitFor();

    expect(await alice!.text(numberOf(server.descriptor, 'bob'), 'Mx-seen', NOW)).toBe(202);
    await section('Messages')
      .getByRole('row', { name: /delivered text\/plain, \d+ B Mx-seen/ })
      .waitFor();
    await section('Frames')
      .getByText(/MESSAGE tel:\+999900100002/)
      .first()
      .waitFor();
    await page.screenshot({ path: 'out/screenshots/status.png' });

    await section('Frames')
      .getByRole('button', { name: /MESSAGE tel:/ })
      .first()
      .click();
    expect(await page.content()).not.toContain('message Mx-seen');
    expect(await page.content()).not.toContain('parley-alice');
    expect(complaints).toEqual([]);
  });

  test('says when the server is gone, and goes on when it is back', async () => {
    const state = folder();
    const first = await serve({ state });
    const page = await opened(first.descriptor.status, []);
    await page.getByText(/^Live since/).waitFor();
    await first.stop();
    await page.getByText(/The server is not there/).waitFor();
    const second = await serve({ state });
    expect(second.descriptor.status).toBe(first.descriptor.status);
    await page.getByText(/^Live since/).waitFor();
  });
});

describe('The status feed', () => {
  test('answers no other host name and no other site, and lets a reader that sends go', async () => {
    const server = await serve();
    const { port } = new URL(server.descriptor.status);
    const status = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, path: '/', headers }, (answer) =>
          resolve(answer.resume().statusCode),
        );
        asked.on('error', reject).end();
      });
    expect(await status({ host: `localhost:${port}` })).toBe(200);
    expect(await status({ host: `evil.example:${port}` })).toBe(421);
    const opens = (origin: string) =>
      new Promise<boolean>((resolve) => {
        const feed = new WebSocket(`ws://localhost:${port}/feed`, {
          origin,
          headers: { host: `localhost:${port}` },
        });
        feed.on('open', () => {
          feed.terminate();
          resolve(true);
        });
        feed.on('error', () => resolve(false));
      });
    expect([await opens(`http://localhost:${port}`), await opens('http://evil.example')]).toEqual([
      true,
      false,
    ]);
    const loud = new WebSocket(`ws://localhost:${port}/feed`);
    let closed = false;
    loud.on('close', () => (closed = true)).on('open', () => loud.send('x'.repeat(5_000)));
    loud.on('error', () => {});
    await until(() => closed, 'it is let go');
  });
});
