/** Script of the page at /docs. Plain browser JavaScript: writes text nodes only, so nothing it shows can run. */
export const docsScript = `
'use strict';
const byId = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const storageName = 'aiproxy-docs-key';
const say = (text) => { byId('status').textContent = text; };
const keyHeaders = () => ({ authorization: 'Bearer ' + byId('key').value });

function schemaBlock(title, schema) {
  const block = make('div');
  block.append(make('h3', '', title), make('pre', '', JSON.stringify(schema, null, 2)));
  return block;
}

function tryForm(path, parameters) {
  const form = make('form');
  const fields = parameters.map((parameter) => {
    const label = make('label', '', parameter.name + (parameter.required ? ' *' : ''));
    const input = make('input');
    input.required = parameter.required;
    label.append(' ', input);
    form.append(label);
    return { parameter, input };
  });
  const output = make('pre');
  output.hidden = true;
  form.append(make('button', '', 'Try'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    let target = path;
    const query = new URLSearchParams();
    for (const { parameter, input } of fields) {
      if (parameter.in === 'path') target = target.replace('{' + parameter.name + '}', encodeURIComponent(input.value));
      else if (input.value !== '') query.set(parameter.name, input.value);
    }
    const asked = query.size > 0 ? target + '?' + query : target;
    output.hidden = false;
    try {
      const response = await fetch(asked, { headers: keyHeaders() });
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { shown = text; }
      output.textContent = 'GET ' + asked + '\\n' + response.status + '\\n\\n' + shown;
    } catch (error) {
      output.textContent = String(error);
    }
  });
  const block = make('div');
  block.append(form, output);
  return block;
}

function callBlock(path, method, operation) {
  const details = make('details');
  const summary = make('summary');
  summary.append(make('span', 'method', method.toUpperCase()), make('code', '', path),
    make('span', '', operation.summary), make('span', 'permission', 'needs: ' + operation['x-permission']));
  const body = make('div', 'body');
  const parameters = operation.parameters || [];
  if (parameters.length > 0) body.append(schemaBlock('Parameters', parameters));
  const request = operation.requestBody && operation.requestBody.content['application/json'].schema;
  if (request) body.append(schemaBlock('Body', request));
  for (const [status, answer] of Object.entries(operation.responses)) {
    const json = answer.content && answer.content['application/json'];
    if (json && json.schema && status !== 'default') body.append(schemaBlock('Answer ' + status, json.schema));
  }
  if (method === 'get') body.append(tryForm(path, parameters));
  details.append(summary, body);
  return details;
}

function show(openApi) {
  const sections = new Map();
  for (const [path, operations] of Object.entries(openApi.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0];
      if (!sections.has(tag)) sections.set(tag, [make('h2', '', tag)]);
      sections.get(tag).push(callBlock(path, method, operation));
    }
  }
  byId('calls').replaceChildren(...[...sections.values()].flat());
  say('Version ' + openApi.info.version + '. Errors come as {"error": {code, message, field}}.');
}

async function load() {
  say('Loading …');
  const response = await fetch('/openapi.json', { headers: keyHeaders() });
  if (!response.ok) { say('The node refused this key (' + response.status + ').'); return; }
  sessionStorage.setItem(storageName, byId('key').value);
  show(await response.json());
}

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  load().catch((error) => say(String(error)));
});

const address = new URL(location.href);
const given = address.searchParams.get('key');
if (given !== null) {
  address.searchParams.delete('key');
  history.replaceState(null, '', address);
}
byId('key').value = given ?? sessionStorage.getItem(storageName) ?? '';
if (byId('key').value !== '') load().catch((error) => say(String(error)));
`;
