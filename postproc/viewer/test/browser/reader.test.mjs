// SPDX-License-Identifier: BSD-3-Clause
// What a screen reader is told: names, roles and states in the browser's accessibility tree, not those written in the page.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { useBrowser, onlyChromium, pageOfSample, settle } from './page.mjs';

describe('the accessibility tree', { skip: onlyChromium }, () => {
  const browser = useBrowser();
  let v;
  let page;
  let session;
  before(async () => {
    v = await browser.open(pageOfSample('rpc.span.json.gz'));
    page = v.page;
    session = await page.context().newCDPSession(page);
  });

  /** Everything that is told: role, name, description, value, properties, and the text below. */
  async function tree() {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const by = new Map(nodes.map((n) => [n.nodeId, n]));
    const text = (n) =>
      n.role?.value === 'StaticText'
        ? n.name.value
        : (n.childIds ?? [])
            .map((id) => text(by.get(id)))
            .join(' ')
            .trim();
    return nodes
      .filter((n) => !n.ignored)
      .map((n) => ({
        role: n.role?.value,
        name: n.name?.value ?? '',
        description: n.description?.value ?? '',
        value: n.value?.value,
        text: text(n),
        ...Object.fromEntries((n.properties ?? []).map((p) => [p.name, p.value.value ?? p.value.relatedNodes])),
        inside: (role) => {
          for (let p = by.get(n.parentId); p; p = by.get(p.parentId)) if (p.role?.value === role) return p.name?.value ?? '';
          return null;
        },
      }));
  }
  const one = (nodes, role, name) => {
    const found = nodes.filter((n) => n.role === role && (name instanceof RegExp ? name.test(n.name) : n.name === name));
    assert.equal(found.length, 1, `${role} ${name}: ${found.length} of ${nodes.filter((n) => n.role === role).map((n) => n.name)}`);
    return found[0];
  };
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
    await settle(page);
  };

  test('the picture takes keys, says what it is and what is selected; the line below it is told by itself', async () => {
    await page.locator('#picture').focus();
    let picture = one(await tree(), 'application', /^Timeline of the trace/);
    assert.equal(picture.focused, true);
    assert.match(picture.description, /help and tour/);
    await press('Enter', '.');
    const nodes = await tree();
    picture = one(nodes, 'application', /^Timeline of the trace/);
    assert.match(picture.description, /^Selected: .+, thread .+\(\d+\)$/);
    const line = nodes.find((n) => n.role === 'status' && n.text === picture.description);
    assert.equal(line?.live, 'polite');
    await page.setViewportSize({ width: 360, height: 740 });
    await settle(page);
    assert.ok(
      (await tree()).some((n) => n.role === 'status' && n.text.startsWith('Selected: ')),
      'where the line is not shown, too',
    );
    await page.setViewportSize({ width: 1600, height: 1000 });
    await press('Escape');
  });

  test('every button, field and tab has a name; switches say on or off', async () => {
    await page.locator('#search').fill('read'); // its tools show with it
    await page.locator('[aria-controls=show-menu]').click();
    for (const panel of ['', 'details', 'results', 'statistics', 'states', 'rows', 'notes', 'compare', 'legend', 'quality']) {
      if (panel) await page.evaluate((id) => window.kutrace.actions.openPanel(id), panel);
      await settle(page);
      const nodes = await tree();
      const parts = nodes.filter((n) =>
        ['button', 'tab', 'searchbox', 'textbox', 'combobox', 'checkbox', 'link', 'option', 'menuitem', 'separator', 'application'].includes(n.role),
      );
      assert.ok(parts.length > 40);
      assert.deepEqual(
        parts.filter((n) => !/[\p{L}\p{N}]/u.test(n.name)).map((n) => [n.role, n.name, n.description]),
        [],
        panel,
      );
      for (const name of [
        'Marks',
        'Arcs',
        'Waits',
        'IPC',
        'Samples',
        'Fade',
        'First of each thread',
        'All spans',
        'Find what does not match',
        'Isolate: grey what does not match',
      ]) {
        assert.ok(['true', 'false'].includes(one(nodes, 'button', name).pressed), name);
      }
    }
    const fade = async () => one(await tree(), 'button', 'Fade').pressed;
    assert.equal(await fade(), 'false');
    await page.locator('button[data-toggle=fade]').click();
    assert.equal(await fade(), 'true');
    while ((await fade()) === 'true') await page.locator('button[data-toggle=fade]').click();
    await press('Escape', 'Escape');
    await page.locator('#search').fill('');
  });

  test('groups say whether they are open', async () => {
    const header = async () => one(await tree(), 'button', /PID \(20\)$/);
    assert.equal((await header()).expanded, false);
    await page.locator('button[data-group=pid]').click();
    assert.equal((await header()).expanded, true);
    await page.locator('button[data-group=pid]').click();
  });

  test('a panel is named by its tab, has a heading, and the details below have a name', async () => {
    await page.locator('#picture').focus();
    await press('Enter', 't');
    const nodes = await tree();
    assert.equal(one(nodes, 'tab', 'Statistics').selected, true);
    one(nodes, 'tabpanel', 'Statistics');
    assert.equal(one(nodes, 'heading', 'Statistics').level, 2);
    assert.equal(one(nodes, 'heading', 'Details').inside('region'), 'Details of the selection');
    assert.ok(nodes.filter((n) => n.role === 'term').some((n) => n.text === 'Duration' || n.name === 'Duration'));
    await press('Escape');
  });

  test('a table has a name, headers for its columns and rows, and says how it is sorted', async () => {
    await press('0', 'h'); // what was selected by a key before was zoomed to
    await page.waitForSelector('#panel table tbody tr');
    const nodes = await tree();
    one(nodes, 'table', 'RPC calls');
    const heads = nodes.filter((n) => n.role === 'columnheader' && n.inside('table') === 'RPC calls');
    assert.equal(heads.length, await page.locator('#panel table:visible thead th:visible').count());
    assert.equal(nodes.filter((n) => n.role === 'rowheader' && n.inside('table') === 'RPC calls').length, 40);
    assert.equal(await page.locator('#panel table:visible th[aria-sort=descending]').count(), 1);
    await press('Escape');
  });

  test('a search tells its result; the list of matches knows how long it is and which is chosen', async () => {
    await page.locator('#search').fill('write');
    await page.waitForFunction(() => window.kutrace.state().search?.done);
    const count = await page.evaluate(() => window.kutrace.state().search.count);
    await page.locator('#picture').focus();
    await press('q');
    let nodes = await tree();
    const result = nodes.find((n) => n.role === 'status' && n.text.startsWith(`${count} found`));
    assert.equal(result?.live, 'polite');
    await page.locator('#panel .virtual').focus();
    await press('ArrowDown');
    nodes = await tree();
    assert.equal(one(nodes, 'listbox', 'Matches').activedescendant?.length, 1, 'the chosen one is pointed at');
    assert.equal(nodes.filter((n) => n.role === 'option' && n.selected && n.inside('listbox') === 'Matches').length, 1);
    assert.equal(await page.locator('#panel .item[aria-selected=true]').getAttribute('aria-setsize'), String(count));
    await page.locator('#search').fill('/(/');
    await settle(page);
    nodes = await tree();
    assert.equal(one(nodes, 'searchbox', /^Search the trace/).invalid, 'true');
    assert.ok(nodes.some((n) => n.role === 'status' && /^Bad pattern/.test(n.text)));
    await page.locator('#search').fill('');
    await press('Escape', 'Escape');
  });

  test('dialogs are modal and named, menus have items, messages are alerts', async () => {
    await press('?');
    assert.equal(one(await tree(), 'dialog', 'Help and legend').modal, true);
    await press('Escape');
    await page.mouse.click(800, 300, { button: 'right' });
    const nodes = await tree();
    assert.ok(nodes.filter((n) => n.role === 'menuitem' && n.inside('menu') !== null).length >= 5);
    assert.equal(nodes.filter((n) => n.focused && n.role === 'menuitem').length, 1, 'the first item has the focus');
    await press('Escape');
    await page.locator('header input[type=file]').setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('nonsense') });
    await page.waitForSelector('#message:not([hidden])');
    assert.ok((await tree()).some((n) => n.role === 'alert' && /not a span JSON/.test(n.text)));
    await page.locator('#message-close').click();
  });

  test('tabs beside the timeline: which is chosen, and what its picture is', async () => {
    await page.locator('[data-tab=rpc]').click();
    const nodes = await tree();
    assert.equal(one(nodes, 'tab', 'RPCs').selected, true);
    assert.equal(one(nodes, 'tab', 'Timeline').selected, false);
    one(nodes, 'application', /^RPC chart, 40 of 40 RPCs/);
    assert.ok(nodes.some((n) => n.role === 'status' && /^40 of 40 RPCs/.test(n.text)));
    await page.locator('[data-tab=timeline]').click();
    assert.deepEqual(v.problems, []);
  });
});
