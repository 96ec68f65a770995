import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export const passPhrase = 'correct horse battery staple';

/** One RSA key for all tests of a process: making one takes a while. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const rsaKey: KeyObject = privateKey;
export const rsaPublicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const legacy = (cipher: string): string =>
  privateKey.export({ type: 'pkcs1', format: 'pem', cipher, passphrase: passPhrase }).toString();

/** The key in every form in which Oracle's users have it: its name, the text, whether it is encrypted. */
export const keyForms: readonly (readonly [name: string, pem: string, isEncrypted: boolean])[] = [
  ['PKCS#8', pkcs8, false],
  ['PKCS#1', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), false],
  ['PKCS#1, AES-128 (Proc-Type)', legacy('aes-128-cbc'), true],
  ['PKCS#1, AES-256 (Proc-Type)', legacy('aes-256-cbc'), true],
  ['PKCS#1, 3DES (Proc-Type)', legacy('des-ede3-cbc'), true],
  [
    'encrypted PKCS#8',
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: passPhrase }).toString(),
    true,
  ],
  ['CRLF line ends', pkcs8.replaceAll('\n', '\r\n'), false],
  ['the label of the console below', `${pkcs8}OCI_API_KEY\n`, false],
];
export const escapedPem = pkcs8.replaceAll('\n', '\\n');
export const encryptedPem = keyForms[5]![1];
export const plainPem = pkcs8;
