import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { openTextTokenEstimate } from '../../../node/conversation/estimate-text-tokens.ts';

const prose: Record<string, string> = {
  English:
    "The tyre pressure stands on the label in the frame of the driver's door. Front and rear should have 2.4 bar; with a full load it may be a little higher. Check it on cold tyres, best before the first journey of the day, and do not forget the spare wheel. Worn outer edges point to a pressure that is too low, a worn middle to one that is too high. I would recommend a gauge of your own, since those at petrol stations are often inaccurate.",
  German:
    'Der Reifendruck steht auf dem Schild im Rahmen der Fahrertür. Vorne und hinten werden 2,4 bar empfohlen; bei voller Beladung darf der Druck um zwei Zehntel höher sein. Bitte prüfen Sie ihn am kalten Reifen, möglichst vor der ersten Fahrt des Tages, und vergessen Sie das Ersatzrad nicht. Übermäßiger Verschleiß an den Außenkanten deutet auf zu geringen Druck hin.',
  French:
    "La pression des pneus figure sur l'étiquette placée dans l'encadrement de la porte. À l'avant comme à l'arrière, il est conseillé de rester à 2,4 bars ; lorsque la voiture est chargée, ajoutez deux dixièmes. Vérifiez-la à froid, de préférence avant le premier trajet de la journée, et n'oubliez pas la roue de secours.",
  Spanish:
    'La presión de los neumáticos está indicada en la etiqueta de la puerta del conductor. Se recomienda 2,4 bares delante y detrás; con el coche cargado puede ser algo mayor. Compruébela siempre en frío, si es posible antes del primer viaje del día, y no se olvide de la rueda de repuesto.',
  Russian:
    'Давление в шинах указано на табличке в проёме водительской двери. Спереди и сзади рекомендуется 2,4 бара; при полной загрузке давление может быть немного выше. Проверяйте его на холодных шинах, лучше всего перед первой поездкой дня, и не забывайте про запасное колесо.',
  Ukrainian:
    'Тиск у шинах вказано на табличці в отворі дверей водія. Спереду і ззаду рекомендовано 2,4 бара; за повного завантаження тиск може бути трохи вищим. Перевіряйте його на холодних шинах перед першою поїздкою дня.',
  Chinese:
    '轮胎气压标在驾驶座车门框的标签上。前轮和后轮都建议保持2.4巴；满载时可以稍微高一些。请在轮胎冷却的情况下检查，最好在当天第一次出行之前，也不要忘记备胎。如果轮胎外侧磨损过多，说明气压太低。',
  Japanese:
    'タイヤの空気圧は運転席ドアの枠にあるラベルに書かれています。前輪も後輪も二・四バールが勧められていて、荷物を満載したときは少し高くしてもかまいません。タイヤが冷えているとき、できればその日の最初の運転の前に確かめてください。スペアタイヤも忘れないでください。',
  Korean:
    '타이어 공기압은 운전석 문틀의 라벨에 적혀 있습니다. 앞바퀴와 뒷바퀴 모두 2.4바를 권장하며, 짐을 가득 실었을 때는 조금 더 높여도 됩니다. 타이어가 식었을 때, 가능하면 그날 첫 운행 전에 확인하시고 예비 타이어도 잊지 마세요.',
  Arabic:
    'ضغط الإطارات مذكور على الملصق الموجود في إطار باب السائق. يُنصح بضغط قدره 2.4 بار في الأمام والخلف، ويمكن أن يكون أعلى قليلاً عند التحميل الكامل. افحصه عندما تكون الإطارات باردة، ويفضل قبل أول رحلة في اليوم، ولا تنسَ الإطار الاحتياطي.',
  Hindi:
    'टायर का दबाव चालक के दरवाज़े के चौखट पर लगे लेबल पर लिखा होता है। आगे और पीछे दोनों में 2.4 बार की सलाह दी जाती है; पूरा सामान होने पर दबाव थोड़ा अधिक हो सकता है। इसे ठंडे टायर पर जाँचें और अतिरिक्त पहिया न भूलें।',
  Greek:
    'Η πίεση των ελαστικών αναγράφεται στην ετικέτα στο πλαίσιο της πόρτας του οδηγού. Συνιστάται 2,4 μπαρ εμπρός και πίσω· με πλήρες φορτίο μπορεί να είναι λίγο υψηλότερη. Ελέγξτε την με κρύα ελαστικά.',
  Thai: 'แรงดันลมยางระบุไว้บนฉลากที่กรอบประตูคนขับ แนะนำให้เติมลม 2.4 บาร์ทั้งล้อหน้าและล้อหลัง เมื่อบรรทุกเต็มอาจสูงกว่านี้เล็กน้อย โปรดตรวจสอบเมื่อยางเย็น',
  Polish:
    'Ciśnienie w oponach podano na naklejce w ramie drzwi kierowcy. Z przodu i z tyłu zaleca się 2,4 bara; przy pełnym obciążeniu może być nieco wyższe. Sprawdzaj je na zimnych oponach, najlepiej przed pierwszą jazdą w ciągu dnia.',
  Turkish:
    'Lastik basıncı sürücü kapısının çerçevesindeki etikette yazar. Önde ve arkada 2,4 bar önerilir; araç tam yüklüyken biraz daha yüksek olabilir. Lastikler soğukken, mümkünse günün ilk yolculuğundan önce kontrol edin.',
  Vietnamese:
    'Áp suất lốp được ghi trên nhãn ở khung cửa bên người lái. Nên giữ 2,4 bar cho cả bánh trước và bánh sau; khi chở đầy có thể cao hơn một chút. Hãy kiểm tra khi lốp còn nguội và đừng quên lốp dự phòng.',
  emoji:
    'Great job! 🎉🚀 The build is green ✅ and the tests pass 👍🏽. Next: 🐛 fix the flaky one, 📚 write docs, 🧹 tidy up. 👨‍👩‍👧‍👦 ❤️ 🔥🔥🔥',
};

const root = new URL('../../..', import.meta.url);
const files = [
  'README.md',
  'docs/cluster.md',
  'docs/errors.md',
  'node/conversation/fold.ts',
  'node/wire/sse.ts',
  'kit/fault.ts',
  'test/tidy/rooms.ts',
  'package.json',
];

function estimate(...pieces: string[]): number {
  const running = openTextTokenEstimate();
  for (const piece of pieces) running.push(piece);
  return running.tokens;
}

/** 1: as the tokenizer counts. */
const ratio = (text: string) => estimate(text) / countTokens(text, { disallowedSpecial: new Set() });

describe('the estimate of a text', () => {
  it.each(Object.entries(prose))('is within a quarter of the tokenizer for prose: %s', (_, text) => {
    expect(ratio(text)).toBeGreaterThan(0.75);
    expect(ratio(text)).toBeLessThan(1.3);
  });

  it.each(files)('is within 15 percent of the tokenizer for %s', (file) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    expect(ratio(text)).toBeGreaterThan(0.85);
    expect(ratio(text)).toBeLessThan(1.15);
  });

  it('is at most a third off for base64, hexadecimal and numbers', () => {
    const bytes = Buffer.from(readFileSync(new URL('README.md', root))).subarray(0, 600);
    for (const text of [bytes.toString('base64'), bytes.toString('hex'), Array.from(bytes).join(', ')]) {
      expect(ratio(text)).toBeGreaterThan(0.67);
      expect(ratio(text)).toBeLessThan(1.33);
    }
  });

  it('does not depend on how the text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: fc.constantFrom('a', 'B', '7', ' ', '\n', '.', 'é', 'я', '東', '🚲'), maxLength: 9 }),
          { maxLength: 6 },
        ),
        (pieces) => {
          expect(estimate(...pieces)).toBe(estimate(pieces.join('')));
          expect(estimate(...pieces.join('').split(''))).toBe(estimate(...pieces));
        },
      ),
    );
  });

  it('of nothing is nothing', () => {
    expect(estimate('')).toBe(0);
  });
});
