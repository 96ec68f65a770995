import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type Content } from '@google/genai';
import { expect, it } from 'vitest';
import { lakeInput, lakeSchema, pngBase64, pngBytes } from './samples.ts';
import { anthropicModel, describeTargets, errorOf } from './targets.ts';

const tools = [
  {
    functionDeclarations: [{ name: 'lake_info', description: 'Facts about a lake', parametersJsonSchema: lakeSchema }],
  },
];

describeTargets('Google Gen AI SDK', 'google', (target) => {
  const models = (key = target().key) =>
    new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: target().rootUrl } }).models;

  it('answers', async () => {
    const { model } = target();
    const answer = await models().generateContent({
      model,
      contents: 'How deep is it?',
      config: { systemInstruction: 'Be brief.' },
    });
    expect(answer.text).toBe('How deep is it?');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.usageMetadata?.candidatesTokenCount).toBe(target().upstream.totals.tokens.output);
  });

  it('streams', async () => {
    const stream = await models().generateContentStream({
      model: target().model,
      contents: 'How deep is it? Tell me slowly.',
    });
    const texts: string[] = [];
    let finish: string | undefined;
    for await (const chunk of stream) {
      if (chunk.text !== undefined) texts.push(chunk.text);
      finish = chunk.candidates?.[0]?.finishReason ?? finish;
    }
    expect(texts.join('')).toBe('How deep is it? Tell me slowly.');
    expect(texts.length).toBeGreaterThan(1);
    expect(finish).toBe('STOP');
  });

  it('goes through a tool loop', async () => {
    const { model, upstream } = target();
    upstream.script('tools');
    const asked: Content = { role: 'user', parts: [{ text: 'Look it up' }] };
    const first = await models().generateContent({ model, contents: [asked], config: { tools } });
    const call = first.functionCalls?.[0];
    expect(call).toMatchObject({ name: 'lake_info', args: lakeInput });
    const said = first.candidates?.[0]?.content;
    if (said === undefined || call === undefined) throw new Error('no call');
    const response = {
      functionResponse: {
        name: 'lake_info',
        response: { depth: '30 metres' },
        ...(call.id === undefined ? {} : { id: call.id }),
      },
    };
    const second = await models().generateContent({
      model,
      contents: [asked, said, { role: 'user', parts: [response] }],
      config: { tools },
    });
    expect(second.text).toContain('30 metres');
  });

  it('streams parallel calls as parts of their own', async () => {
    const { model, upstream } = target();
    upstream.script('interleaved=2');
    const calls: unknown[] = [];
    for await (const chunk of await models().generateContentStream({ model, contents: 'Look', config: { tools } })) {
      calls.push(...(chunk.functionCalls ?? []).map((call) => call.args));
    }
    expect(calls).toEqual([lakeInput, lakeInput]);
  });

  it('forces a tool', async () => {
    if (target().lacks.includes('forced tools')) return;
    const toolConfig = {
      functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['lake_info'] },
    };
    const answer = await models().generateContent({
      model: target().model,
      contents: 'x',
      config: { tools, toolConfig },
    });
    expect(answer.functionCalls?.[0]?.name).toBe('lake_info');
  });

  it('keeps a chat', async () => {
    const { rootUrl, key, model } = target();
    const chat = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: rootUrl } }).chats.create({ model });
    await chat.sendMessage({ message: 'first' });
    expect((await chat.sendMessage({ message: 'second' })).text).toBe('second');
    const stream = await chat.sendMessageStream({ message: 'third' });
    let text = '';
    for await (const chunk of stream) text += chunk.text ?? '';
    expect(text).toBe('third');
  });

  it('shows images', async () => {
    const { model, upstream } = target();
    upstream.script('describe');
    const parts = [{ text: 'what is this' }, { inlineData: { mimeType: 'image/png', data: pngBase64 } }];
    const answer = await models().generateContent({ model, contents: [{ role: 'user', parts }] });
    expect(answer.text).toContain(`images=image/png:${pngBytes}`);
  });

  it('answers JSON by a schema', async () => {
    if (target().lacks.includes('answers by a schema')) return;
    const config = { responseMimeType: 'application/json', responseJsonSchema: lakeSchema };
    const answer = await models().generateContent({ model: target().model, contents: 'x', config });
    // Gemini's schemas need not be closed, so Claude is asked in words, which a scripted model does not read.
    if (target().model === anthropicModel) {
      expect(target().upstream.requests.at(-1)?.body.toString()).toContain(
        JSON.stringify(JSON.stringify(lakeSchema)).slice(1, -1),
      );
    } else expect(JSON.parse(answer.text ?? '')).toEqual(lakeInput);
  });

  it('counts tokens', async () => {
    const { model } = target();
    const short = await models().countTokens({ model, contents: 'one two three four' });
    const long = await models().countTokens({ model, contents: 'one two three four '.repeat(100) });
    expect(short.totalTokens).toBeGreaterThan(0);
    expect(long.totalTokens ?? 0).toBeGreaterThan((short.totalTokens ?? 0) * 10);
  });

  it('lists models', async () => {
    const names: string[] = [];
    for await (const model of await models().list()) names.push(model.name ?? '');
    expect(names).toContain(`models/${target().model}`);
  });

  it('throws the right errors', async () => {
    const { model, upstream } = target();
    const ask = (key?: string) => models(key).generateContent({ model, contents: 'x' });
    expect((await errorOf(ask('wrong'), ApiError)).status).toBe(401);
    upstream.script('too-long', { times: 1 });
    const tooLong = await errorOf(ask(), ApiError);
    expect(tooLong.status).toBe(400);
    expect(tooLong.message).toContain('INVALID_ARGUMENT');
    upstream.script('429=3');
    const limited = await errorOf(ask(), ApiError);
    expect(limited.status).toBe(429);
    expect(limited.message).toContain('RESOURCE_EXHAUSTED');
  });

  it('throws when a stream breaks with an error', async () => {
    const { model, upstream } = target();
    upstream.script('text=5,error-after=2');
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of await models().generateContentStream({ model, contents: 'x' }))
        text += chunk.text ?? '';
    };
    await errorOf(read(), Error);
    expect(text).toBe('word0 word1 ');
  });
});
