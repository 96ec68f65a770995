import { describe, expect, it } from 'vitest';
import { addressRefusal, dialRefusal } from '../../kit/dial-guard.ts';

describe('dialRefusal', () => {
  it.each([
    'http://127.0.0.1:9100/v1',
    'http://localhost:11434',
    'http://[::1]:8080',
    'http://10.0.0.5',
    'http://192.168.1.10:3000/x',
    'http://[fd12:3456::1]/',
    'https://api.openai.com/v1',
    'https://169.255.0.1',
  ])('allows %s', (url) => {
    expect(dialRefusal(url)).toBeUndefined();
  });

  it.each([
    ['not a url', 'is not a URL'],
    ['file:///etc/passwd', 'is not an http or https URL'],
    ['ftp://host', 'is not an http or https URL'],
    ['javascript:alert(1)', 'is not an http or https URL'],
    ['https://user:pass@host', 'carries a user name or password'],
    ['https://user@host', 'carries a user name or password'],
    ['http://169.254.169.254/latest/meta-data', 'points at a link-local or metadata address'],
    ['http://0xa9fea9fe/', 'points at a link-local or metadata address'],
    ['http://2852039166/', 'points at a link-local or metadata address'],
    ['http://0251.0376.0251.0376/', 'points at a link-local or metadata address'],
    ['http://[fe80::1]/', 'points at a link-local or metadata address'],
    ['http://[febf::1]/', 'points at a link-local or metadata address'],
    ['http://[::ffff:169.254.169.254]/', 'points at a link-local or metadata address'],
    ['http://[64:ff9b::169.254.169.254]/', 'points at a link-local or metadata address'],
    ['http://[fd00:ec2::254]/', 'points at a link-local or metadata address'],
    ['http://100.100.100.200/', 'points at a link-local or metadata address'],
    ['http://metadata.google.internal/', 'points at a metadata service'],
    ['http://METADATA.google.internal./', 'points at a metadata service'],
  ])('refuses %s', (url, reason) => {
    expect(dialRefusal(url)).toBe(reason);
  });

  it('never repeats a password', () => {
    expect(dialRefusal('https://user:hunter2@host')).not.toContain('hunter2');
  });
});

describe('addressRefusal', () => {
  it('judges what a lookup found', () => {
    expect(addressRefusal('169.254.1.1')).toBe('points at a link-local or metadata address');
    expect(addressRefusal('::ffff:169.254.1.1')).toBe('points at a link-local or metadata address');
    expect(addressRefusal('127.0.0.1')).toBeUndefined();
    expect(addressRefusal('::1')).toBeUndefined();
    expect(addressRefusal('host.example')).toBeUndefined();
  });
});
