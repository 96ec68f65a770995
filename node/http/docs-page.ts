import { hash } from 'node:crypto';
import { docsScript } from './docs-script.ts';
import { docsStyle } from './docs-style.ts';
import { Reply } from './reply.ts';

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>aiproxy API</title>
<style>${docsStyle}</style>
</head>
<body>
<header>
<h1>aiproxy API</h1>
<form id="key-form"><label for="key">API key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false"><button>Load</button></form>
</header>
<p id="status" role="status">Enter an API key to see the calls of this node. It stays in this tab.</p>
<main id="calls"></main>
<script>${docsScript}</script>
</body>
</html>
`;

/** Only this page's own script and style run, and they may talk to this node alone. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src 'sha256-${hash('sha256', docsScript, 'base64')}'`,
  `style-src 'sha256-${hash('sha256', docsStyle, 'base64')}'`,
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at /docs: holds no data itself, reads /openapi.json with the key that its reader enters. */
export const docsPage = Reply.text('text/html; charset=utf-8', html, {
  'content-security-policy': contentSecurityPolicy,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
});
