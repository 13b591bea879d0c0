/** Uploads through HTTP: whose they are, what protects them, and who may read the files. */

import { readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uploadFolder } from '../../../src/services/campaigns/files/fetch.ts';
import { ownFolders, sweepFiles } from '../../../src/services/campaigns/files/file-sweep.ts';
import { eventually } from '../../support/eventually.ts';
import { openGuarded } from '../auth/guarded.ts';
import { basic } from '../auth/guarded-scope.ts';

const csv = 'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\nb,A,B,b@x.example,2\n';

/** Has the operators `operator` and `second`, an admin and a viewer. */
async function openUploads() {
  const guarded = await openGuarded();
  const { server, operators, config } = guarded;
  const { all } = operators;
  const role = all.get('operator');
  if (role === undefined) throw new Error('no operator');
  all.set('second', role);
  await operators.save();

  const send = async (method: string, path: string, { as = 'operator', headers = {}, body }: Sent = {}) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { ...basic(as), 'tus-resumable': '1.0.0', ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    const { error } = (text.startsWith('{') ? JSON.parse(text) : {}) as { error?: unknown };
    return { status: answer.status, headers: answer.headers, text, error };
  };
  /** Announces an upload and returns its id. */
  const begin = async (bytes: number, as = 'operator') => {
    const made = await send('POST', '/uploads', {
      as,
      headers: { 'upload-length': String(bytes), 'upload-metadata': `by ${btoa('forged')}` },
    });
    expect(made.status).toBe(201);
    return made.headers.get('location')?.split('/').at(-1) ?? '';
  };
  const append = (id: string, body: string, options: Sent = {}) =>
    send('PATCH', `/uploads/${id}`, {
      ...options,
      headers: { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body,
    });
  const upload = async (content = csv, as = 'operator') => {
    const id = await begin(content.length, as);
    expect((await append(id, content, { as })).status).toBe(204);
    return id;
  };
  const post = async (path: string, body: unknown, as = 'operator') => {
    const answer = await send('POST', path, {
      as,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { ...answer, json: JSON.parse(answer.text) as Record<string, { id: string }> };
  };
  const draftOn = (id: string, as = 'operator') =>
    post('/api/drafts', { program: 'loyalty', action: 'issue', upload: { id, name: 'x.csv' } }, as);
  /** Starts a campaign on an upload; returns its id. */
  const startOn = async (id: string, options: object = {}) => {
    const { id: draft } = (await draftOn(id)).json['draft'] ?? { id: '' };
    expect((await post(`/api/drafts/${draft}/start`, { options, reason: '' })).status).toBe(201);
    return draft;
  };
  const audit = async () => {
    const { text } = await send('GET', '/api/audit?limit=5');
    return (JSON.parse(text) as { entries: object[] }).entries;
  };
  const file = (id: string) => join(uploadFolder(config), id);
  return { ...guarded, send, begin, append, upload, draftOn, startOn, audit, file };
}

interface Sent {
  as?: string;
  headers?: Record<string, string>;
  body?: string;
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('an upload of another operator', () => {
  it('cannot be read, continued, deleted or used', async () => {
    const { send, begin, append, draftOn, upload, file } = await openUploads();
    const unfinished = await begin(csv.length);
    const refusal = {
      status: 403,
      error: {
        code: 'UPLOAD_NOT_YOURS',
        message: 'This upload belongs to operator. Upload the file yourself.',
      },
    };
    const as = 'second';
    expect(await append(unfinished, csv, { as })).toMatchObject(refusal);
    expect(await send('DELETE', `/uploads/${unfinished}`, { as })).toMatchObject(refusal);
    expect((await send('HEAD', `/uploads/${unfinished}`, { as })).status).toBe(403);
    expect(await readFile(file(unfinished), 'utf8')).toBe('');
    expect((await append(unfinished, csv)).status).toBe(204);
    const complete = await upload();
    expect(await draftOn(complete, as)).toMatchObject({
      status: 409,
      error: {
        code: 'INVALID_CAMPAIGN',
        message: 'The upload of x.csv belongs to operator. Upload the file again.',
      },
    });
  });

  it('is not listed, except for an admin', async () => {
    const { send, upload } = await openUploads();
    const id = await upload();
    const listed = async (as: string) => {
      const { text } = await send('GET', '/api/uploads', { as });
      return (JSON.parse(text) as { uploads: { id: string }[] }).uploads.find((one) => one.id === id);
    };
    expect(await listed('operator')).toMatchObject({
      bytes: csv.length,
      received: csv.length,
      by: 'operator',
      campaigns: [],
      isNeeded: false,
    });
    expect(await listed('operator')).not.toHaveProperty('path');
    expect(await listed('second')).toBeUndefined();
    expect(await listed('admin')).toMatchObject({ id });
    expect((await send('GET', '/api/uploads', { as: 'viewer' })).status).toBe(403);
  });

  it('may be deleted by an admin', async () => {
    const { send, upload, file, audit } = await openUploads();
    const id = await upload();
    expect((await send('DELETE', `/uploads/${id}`, { as: 'admin' })).status).toBe(204);
    expect(await exists(file(id))).toBe(false);
    expect((await audit())[0]).toMatchObject({
      action: 'upload.delete',
      by: 'admin',
      via: 'api',
      target: id,
      before: { bytes: csv.length, by: 'operator' },
    });
  });
});

it('audits the start and the deletion of an upload', async () => {
  const { send, upload, audit, file } = await openUploads();
  const id = await upload();
  expect((await send('DELETE', `/uploads/${id}`)).status).toBe(204);
  expect(await exists(file(id))).toBe(false);
  expect(await exists(`${file(id)}.json`)).toBe(false);
  expect(await audit()).toMatchObject([
    { action: 'upload.delete', by: 'operator', target: id },
    { action: 'upload.start', by: 'operator', via: 'api', target: id, after: { bytes: csv.length } },
  ]);
  expect(await send('DELETE', `/uploads/${id}`)).toMatchObject({
    status: 404,
    error: { code: 'NOT_FOUND' },
  });
});

describe('an upload that a campaign uses', () => {
  it('cannot be deleted by anyone', async () => {
    const { send, upload, startOn, file, audit } = await openUploads();
    const id = await upload();
    const campaign = await startOn(id, { canary: 1 });
    for (const as of ['operator', 'admin']) {
      expect(await send('DELETE', `/uploads/${id}`, { as })).toMatchObject({
        status: 409,
        error: {
          code: 'UPLOAD_IN_USE',
          message: `The campaign ${campaign} needs this upload. It is deleted 30 days after the campaign has ended.`,
        },
      });
    }
    expect(await exists(file(id))).toBe(true);
    expect((await audit())[0]).toMatchObject({ action: 'campaign.start' });
  });

  it('survives the start of another upload and the sweep, however old it is', async () => {
    const { upload, startOn, begin, file, find, config, passbridge } = await openUploads();
    const id = await upload();
    const campaign = await startOn(id, { canary: 1 });
    await eventually(async () => expect(await find(campaign)).toMatchObject({ status: 'held' }));
    const metadata = JSON.parse(await readFile(`${file(id)}.json`, 'utf8')) as object;
    const begun = new Date(Date.now() - 26 * 3_600_000);
    await writeFile(`${file(id)}.json`, JSON.stringify({ ...metadata, creation_date: begun.toISOString() }));
    await begin(10);
    for (const path of [file(id), `${file(id)}.json`]) await utimes(path, 0, 0);
    await sweepFiles(ownFolders(config), passbridge.stores, Date.now());
    expect(await readFile(file(id), 'utf8')).toBe(csv);
  });

  it('is named without its path to viewers', async () => {
    const { send, upload, startOn, file, signedIn } = await openUploads();
    const id = await upload();
    const campaign = await startOn(id, { canary: 1 });
    for (const path of [`/api/campaigns/${campaign}`, '/api/campaigns', `/campaigns/${campaign}`]) {
      expect((await send('GET', path, { as: 'viewer' })).text).toContain(campaign);
      expect((await send('GET', path, { as: 'viewer' })).text).not.toContain(id);
    }
    expect((await (await signedIn('viewer')).send(`/campaigns/${campaign}`)).text).not.toContain(id);
    expect((await send('GET', `/api/campaigns/${campaign}`)).text).toContain(file(id));
  });
});

describe('a draft', () => {
  it('is refused on an upload that is incomplete, gone or no upload', async () => {
    const { begin, append, draftOn } = await openUploads();
    const id = await begin(csv.length);
    await append(id, csv.slice(0, 50));
    expect(await draftOn(id)).toMatchObject({
      status: 409,
      error: { message: `50 of ${csv.length} bytes of x.csv have arrived. Upload the file again.` },
    });
    for (const other of ['gone', '../../../../etc/passwd', `${id}.json`, '.', 'a/../b']) {
      expect(await draftOn(other)).toMatchObject({
        status: 409,
        error: { message: 'There is no upload of x.csv, or it has expired. Upload the file again.' },
      });
    }
  });

  it('names its upload, not its path, in what is wrong with it', async () => {
    const { upload, draftOn, send } = await openUploads();
    const bomb = `{"success":true,"fields":["registered"],"data":[${'['.repeat(6_000_000)}`;
    const { json } = await draftOn(await upload(bomb));
    const checked = await send('POST', `/api/drafts/${json['draft']?.id}/check`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ options: {} }),
    });
    expect(checked).toMatchObject({
      status: 409,
      error: {
        message:
          'x.csv row 1: no end within 5242880 bytes. Check for a missing quote or bracket, or export it again.',
      },
    });
  });

  it('keeps its upload from being swept whenever it is saved', async () => {
    const { upload, draftOn, file, send } = await openUploads();
    const id = await upload();
    const used = async () => (await stat(`${file(id)}.json`)).mtimeMs;
    const day = new Date(Date.now() - 86_400_000);
    await utimes(`${file(id)}.json`, day, day);
    const written = (await stat(file(id))).mtimeMs;
    const { json } = await draftOn(id);
    expect(await used()).toBeGreaterThan(day.getTime() + 1000);
    await utimes(`${file(id)}.json`, day, day);
    await send('POST', `/api/drafts/${json['draft']?.id}/check`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ options: {} }),
    });
    expect(await used()).toBeGreaterThan(day.getTime() + 1000);
    expect((await stat(file(id))).mtimeMs).toBe(written);
  });
});

describe('the files of an upload', () => {
  it('are readable by their owner only', async () => {
    const { upload, file, config } = await openUploads();
    const id = await upload();
    const modes = await Promise.all(
      [uploadFolder(config), file(id), `${file(id)}.json`].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it('cannot be overwritten, and have no length that is announced later', async () => {
    const { upload, append, send, file } = await openUploads();
    const id = await upload();
    expect((await append(id, 'forged')).status).toBe(409);
    expect((await send('POST', '/uploads', { headers: { 'upload-defer-length': '1' } })).status).toBe(501);
    expect(await readFile(file(id), 'utf8')).toBe(csv);
  });

  it('end with a clear message if the disk is full', async () => {
    const { begin, append, file } = await openUploads();
    const id = await begin(csv.length);
    await rm(file(id));
    // Every write to it fails like one to a full disk.
    await symlink('/dev/full', file(id));
    const full = await append(id, csv);
    await rm(file(id));
    expect(full).toMatchObject({
      status: 507,
      error: {
        code: 'DISK_FULL',
        message: expect.stringContaining('The disk of DATA_DIR is full. Free some space') as string,
      },
    });
  });
});

it('tells no page of another origin about an upload', async () => {
  const { send, upload } = await openUploads();
  const id = await upload();
  const { headers } = await send('HEAD', `/uploads/${id}`, { headers: { origin: 'https://evil.example' } });
  expect(headers.get('access-control-allow-origin')).toBeNull();
});
