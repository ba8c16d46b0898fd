import { digest, inlineScript, inlineStyle } from '../html/inline.ts';

/** Modules and styles that the page shares with the report of a run, then its own. */
const CLIENT = [
  '../html/client/dom',
  '../html/client/content',
  '../html/client/bytes',
  '../html/client/ladder',
];
const STYLES = ['theme', 'base', 'page', 'cell-view', 'ladder'].map((name) => `../html/styles/${name}`);

/** The page of a served carrier. It loads nothing; what it shows comes over the WebSocket at `/feed`. */
export function livePage(): string {
  const url = (path: string) => new URL(path, import.meta.url);
  const style = inlineStyle([...STYLES, './styles/live'].map((name) => url(`${name}.css`)));
  const script = inlineScript([...CLIENT, './client/live'].map((name) => url(`${name}.js`)));
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Parley: served carriers</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<main id="app" class="live"></main>
<script type="module">${script}</script>
</body>
</html>
`;
}
