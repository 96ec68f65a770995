import { accountSettings, providerIds } from '../accounts/settings.ts';
import { providers } from '../providers/registry.ts';
import { knownVariables } from './environment.ts';
import { flags, variableOf } from './flag-list.ts';
import { pathText } from './origin.ts';
import {
  allowedOf,
  defaultOf,
  descriptionOf,
  isRequired,
  isSecret,
  shapeOf,
  tableValueOf,
  type Schema,
  type Shape,
} from './schema-shape.ts';
import { settingsSchema } from './settings.ts';
import { shownValue } from './shown-value.ts';
import { unbuilt } from './unbuilt.ts';

/** The text of `docs/configuration.md`, made from the schemas that check the settings. */
export function configurationDocument(): string {
  const parts = [
    introduction,
    general(),
    accounts(),
    ...sections(),
    flagTable(),
    variableTable(),
    iniText,
    unbuiltList(),
  ];
  return `${parts.join('\n\n')}\n`;
}

const introduction = `# Configuration

This page is made from the schemas that check the settings (\`node/config/documentation.ts\`).

A value is taken from a flag, else from the environment (the real one, then \`.env\` in the working folder), else from the
file, else it is the default. \`aiproxy config show --origin\` prints every value with where it came from. An unknown key
or a value that is not allowed stops the start with one line that names the key, the value and what is allowed.

The file is the one of \`--config\`, else \`config.yaml\` in the data folder (\`~/.aiproxy\`) where there is one. It is YAML
(JSON is YAML too) or INI, told apart by its content. \`SIGHUP\` reads it again: accounts, groups, models, the
strategy, affinity, \`breaker\`, \`priority\`, the log level and most of \`limits\` are used at once; the log names what
changed besides and waits for a restart. Accounts and the strategy that were changed through the API keep those changes.

- Durations are \`30s\`, \`5m\`, \`1h30m\`, \`250ms\`, or plain seconds. Sizes are \`512KB\`, \`32MB\`, \`1GB\`, or plain bytes.
- \`\${NAME}\` in a value of a YAML file is replaced by an environment variable; one that is not set is an error. \`$\${\` is a
  plain \`\${\`.
- Every secret \`x\` can be given as \`x_file\`, a file that holds it (up to 64 KiB, white space around it is taken off).
- Relative paths in a file count from that file's folder, those of flags and variables from the working folder; \`~/\` is
  the home folder.
- Accounts of file, environment and flags are joined; the same id twice is an error.
- URLs that the node dials (\`base_url\`, \`token_url\`, \`notify.webhook\`) must be http or https, without a user name or
  password, and not at a link-local or metadata address. Loopback and private networks are allowed.

\`\`\`yaml
port: 3000
accounts:
  - {id: work, provider: openai-custom, base_url: "https://api.openai.com/v1", api_key: "\${OPENAI_KEY}"}
  - {id: spare, provider: claude-custom, base_url: "https://api.anthropic.com", api_key_file: ./spare.key, group: backup}
groups:
  backup: {priority: secondary}
models: {fast: gpt-4o-mini}
\`\`\``;

const iniText = `## INI files

\`config.conf\` (one account, its keys above any section or in \`[DEFAULT]\`) and \`multi_config.conf\`:

| section | keys |
| --- | --- |
| \`[GLOBAL]\` | the keys of \`limits\`, \`load_balance_strategy\`, \`health_check_interval\`, \`api_key\`, \`host\`, \`port\` |
| \`[PROXY]\` | \`listen_port\`, \`api_key\`, \`force_non_stream\`, \`default_max_tokens\` |
| \`[MODELS]\` | \`name = model\`, as in \`models\`. New models are added below, by their friendly names (\`grok-4 = xai.grok-4\`); what is there stays as it is, and a name behind a comment sign is left out |
| \`[ACCOUNT_n]\` | the keys of an account; \`provider\` is \`oci\` and \`id\` is \`account_n\` unless given |
| \`[CIRCUIT_BREAKER]\` | \`enabled\`, \`max_failures\`, \`reset_timeout\`, \`failure_rate\`, \`min_requests\` |

Comments begin with \`#\` or \`;\`, also after a value. An empty value says nothing.`;

const head = '| key | default | allowed | what |\n| --- | --- | --- | --- |';

function table(shape: Shape, prefix = ''): string {
  return [head, ...Object.entries(shape).map(([key, schema]) => row(`${prefix}${key}`, schema))].join('\n');
}

function row(key: string, schema: Schema): string {
  const mark = unbuilt.some((each) => each.key === key) ? ' *Not acted on in this version.*' : '';
  const allowed = allowedOf(schema);
  const what = `${descriptionOf(schema)}${isSecret(schema) ? ' Secret.' : ''}${mark}`;
  return `| \`${key}\` | ${defaultText(schema)} | ${cell(allowed)} | ${cell(what)} |`;
}

function defaultText(schema: Schema): string {
  const value = defaultOf(schema);
  if (value === undefined) return isRequired(schema) ? 'required' : '';
  const shown = shownValue(value, schema);
  return `\`${typeof shown === 'string' ? shown : JSON.stringify(shown)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

const topLevel: Shape = settingsSchema.shape;

function general(): string {
  const single = Object.entries(topLevel).filter(([, schema]) => !isSection(schema));
  return `## General\n\n${table(Object.fromEntries(single))}`;
}

function isSection(schema: Schema): boolean {
  return shapeOf(schema) !== undefined || tableValueOf(schema) !== undefined;
}

function accounts(): string {
  const own = providerIds.map((id) => {
    const provider = providers.get(id);
    const shape = (provider && shapeOf(provider.credential)) ?? {};
    const mark = provider?.unavailable === undefined ? '' : '\n\n*Read and checked, but not served by this version.*';
    return `### Accounts of ${id}${mark}\n\n${table(shape)}`;
  });
  return [
    `## accounts\n\nA list. Each account has these keys, and those of its provider below.\n\n${table(accountSettings.shape)}`,
    ...own,
  ].join('\n\n');
}

function sections(): string[] {
  return Object.entries(topLevel)
    .filter(([, schema]) => isSection(schema))
    .map(([name, schema]) => `## ${name}\n\n${descriptionOf(schema)}\n\n${sectionTable(name, schema)}`);
}

function sectionTable(name: string, schema: Schema): string {
  const shape = shapeOf(schema);
  if (shape !== undefined) return table(shape, `${name}.`);
  const value = tableValueOf(schema);
  const inner = value && shapeOf(value);
  return inner === undefined
    ? `\`${name}\` maps a name to ${value === undefined ? 'text' : allowedOf(value)}.`
    : table(inner, `${name}.NAME.`);
}

function flagTable(): string {
  const rows = flags.map((flag) => {
    const { target } = flag;
    const key =
      'path' in target
        ? `\`${pathText(target.path)}\``
        : 'provider' in target
          ? `\`${target.field}\` of an account of ${target.provider}`
          : '';
    const form = `\`--${flag.name}${flag.isSwitch === true ? '' : ' VALUE'}\``;
    return `| ${form} | \`${variableOf(flag)}\` | ${key} | ${cell(flag.description)} |`;
  });
  const note =
    'One dash or two; `--flag VALUE` or `--flag=VALUE`; a switch alone is true, `--no-flag` and `--flag=false` are false.';
  return `## Flags\n\n${note}\n\n| flag | variable | key | what |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function variableTable(): string {
  const rows = knownVariables.map(({ name, path }) => `| \`${name}\` | \`${pathText(path)}\` |`);
  return `## Environment

Beside \`AIPROXY_<FLAG>\` (stronger than these), \`AIPROXY_CLUSTER_SECRET\` and \`AIPROXY_ADMIN_PASSWORD\`. An empty variable counts as not set.

| variable | key |
| --- | --- |
${rows.join('\n')}

Amazon Q accounts: \`AMAZONQ_REFRESH_TOKEN\`, \`AMAZONQ_CLIENT_ID\`, \`AMAZONQ_CLIENT_SECRET\`, \`AMAZONQ_PROFILE_ARN\` make one
account \`default\`. With \`AMAZONQ_ACCOUNT_COUNT\` above 0 there are that many, from
\`AMAZONQ_ACCOUNT_n_{ID,REFRESH_TOKEN,CLIENT_ID,CLIENT_SECRET,PROFILE_ARN,WEIGHT,ENABLED}\`; the id is \`account_n\`, the
weight 10 and the account enabled unless said otherwise.`;
}

function unbuiltList(): string {
  const keys = unbuilt.map(({ key }) => `- \`${key}\``).join('\n');
  const idle = providerIds.filter((id) => providers.get(id)?.unavailable !== undefined);
  const accountsText = idle.length === 0 ? '' : `\n- accounts of ${idle.join(', ')}`;
  return `## Not acted on in this version\n\nThese are read and checked, and a start with them says so in one line each:\n\n${keys}${accountsText}`;
}
