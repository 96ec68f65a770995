import { z } from 'zod';
import {
  booleanSetting,
  choiceSetting,
  formSetting,
  integerSetting,
  listSetting,
  secretSetting,
} from '../kit/setting.ts';

/** 1 to 65535. */
const portForm = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
const addressForm = new RegExp(`^(?:(?:\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+):${portForm}|/[A-Za-z0-9/.:_-]+)$`);
const addressSetting = (allowed: string) => formSetting(addressForm, allowed);

const nodeIdSetting = () =>
  formSetting(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, '1 to 64 letters, digits, dots, dashes and underscores');

export const clusterSettings = z.strictObject({
  enabled: booleanSetting().default(false).describe('Joins the mesh; off: the node is alone.'),
  node_id: nodeIdSetting().optional().describe('Name of the node, unique among its members.'),
  node_address: addressSetting('HOST:PORT with a port from 1 to 65535')
    .optional()
    .describe("Address at which the other members reach the node's HTTP port."),
  seed_nodes: listSetting(addressSetting('HOST:PORT with a port from 1 to 65535, or a multiaddr'), 100)
    .default([])
    .describe('Members that are asked first; a node may name itself.'),
  port: integerSetting({ min: 1, max: 65_535 }).optional().describe('Port of the mesh; absent: `port` + 10000.'),
  secret: secretSetting().optional().describe('Secret that every member shares; nobody joins without it.'),
  network: choiceSetting(['auto', 'loopback', 'lan', 'wan'])
    .default('auto')
    .describe(
      'How far members are from each other: how soon a silent one is doubted. auto: loopback when every address is one, else lan.',
    ),
  voters: listSetting(nodeIdSetting(), 9)
    .default([])
    .describe('Members that elect the leader, for good; absent: agreed by the members themselves as they come.'),
  election: choiceSetting(['majority', 'available'])
    .default('majority')
    .describe(
      'majority: no leader without a majority of the voters. available: the lowest id alive leads; in a split both sides have one, and a token may be spent twice.',
    ),
});
export type ClusterSettings = z.infer<typeof clusterSettings>;
