"""The explorer as a reader has it, in headless Chromium: numbers, sliders, keys, touch, sizes, both themes."""

import json

import pytest
from explorer_support import NAMES, PROBE, Browser, chromium, drawn_cases, failures, text

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(chromium() is None, reason="no Chromium or Chrome is here: nothing can show the page"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    (folder / "page.html").write_text(text(), encoding="utf-8")
    browser = Browser(folder / "profile")
    browser.address = (folder / "page.html").as_uri()
    browser.seconds = browser.open(browser.address)
    yield browser
    browser.close()


@pytest.fixture
def opened(browser):
    """The page as it is at first, in a wide light window; whatever the test does, the console stays empty."""
    browser.window()
    browser.run("follow(''), redraw()")
    yield browser
    assert browser.complaints() == []


def shape(browser, panel="value"):
    """The path of the first curve of a panel."""
    return browser.run(f"PANELS[{json.dumps(panel)}].panel.svg.querySelector('.curve').getAttribute('d')")


def test_every_function_has_the_numbers_of_acts(opened):
    cases = drawn_cases(seed=1)
    assert failures(cases, opened.run(f"{PROBE}({json.dumps(cases)})")) == []


def test_it_is_there_within_two_seconds(opened):
    assert 0.01 < opened.seconds < 2


def test_every_function_is_drawn_without_a_complaint(opened):
    assert opened.run("[...document.querySelectorAll('#one option')].map(option => option.value)") == NAMES
    for some in (NAMES[i : i + 20] for i in range(0, len(NAMES), 20)):
        blank = opened.run(f"""{json.dumps(some)}.filter(name => {{
          choose("one", name), redraw();
          const path = key => PANELS[key].panel.svg.querySelector(".curve").getAttribute("d");
          return /NaN|Infinity/.test($of("panels").innerHTML) || !["value", "first", "second", "error"].every(path);
        }})""")
        assert blank == []


@pytest.mark.parametrize("control", ["range", "number"])
def test_a_slider_changes_the_curve(opened, control):
    before = shape(opened), shape(opened, "partials")
    opened.run(f"(input => {{ input.value = 2; input.dispatchEvent(new Event('input')); }})"
               f"(document.querySelector('#one input[type={control}]'))")  # fmt: skip
    opened.frames()
    assert before[0] != shape(opened)
    assert before[1] == shape(opened, "partials")  # elu is linear in alpha
    assert opened.run("state.one.params.alpha") == 2
    resting = "new Promise(done => setTimeout(() => done(location.hash), 400))"
    assert "one.alpha=2" in opened.run(resting)


def test_a_slider_is_moved_by_keys(opened):
    before = shape(opened)
    opened.run("document.querySelector('#one input[type=range]').focus()")
    for kind in ("keyDown", "keyUp"):
        opened.call("Input.dispatchKeyEvent", type=kind, key="ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    opened.frames()
    assert before != shape(opened)


def test_the_cursor_follows_keys_and_says_the_values(opened):
    opened.run("PANELS.value.panel.svg.focus()")
    for key, number in (("End", 35), ("ArrowLeft", 37)):
        opened.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=number)
    said = opened.run("PANELS.value.panel.svg.getAttribute('aria-valuetext')")
    assert said == "at 5.88: elu 5.88"
    assert "elu 1" in opened.run("PANELS.first.panel.keys.textContent")  # all panels follow


def test_the_cursor_follows_a_finger(opened):
    opened.window(width=390, height=844, phone=True)
    x, y = opened.run(
        "(svg => { svg.scrollIntoView({block: 'center'}); const box = svg.getBoundingClientRect();"
        "return [box.left + box.width / 2, box.top + box.height / 2]; })(PANELS.value.panel.svg)"
    )
    opened.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    opened.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    opened.frames()
    assert -3 < opened.run("PANELS.value.panel.cursor") < 3


def test_ends_at_a_jump_are_open_and_filled(opened):
    opened.run("choose('one', 'hardshrink'), redraw()")
    ends = opened.run("[...PANELS.value.panel.svg.querySelectorAll('.end')].map(end => end.classList.contains('open'))")
    assert sorted(ends) == [False, False, True, True]  # at both thresholds the value belongs to one piece


def test_two_functions_and_their_difference(opened):
    assert opened.run("PANELS.difference.panel.root.hidden")
    opened.run("choose('one', 'gelu'), choose('two', 'gelu_tanh'), redraw()")
    assert not opened.run("PANELS.difference.panel.root.hidden")
    assert opened.run("PANELS.value.panel.svg.querySelectorAll('.curve').length") == 2
    largest = opened.run("Math.max(...PANELS.difference.panel.curves[0].pieces[0].map(point => Math.abs(point[1])))")
    assert 4e-4 < largest < 5e-4
    assert opened.run("document.querySelectorAll('#facts article').length") == 2


def test_a_gaussian_goes_through(opened):
    opened.run("choose('one', 'relu'), redraw()")
    assert "mean 0.39894, standard deviation 0.58382, gain 1.4142" in opened.run(
        "PANELS.gaussian.panel.note.textContent"
    )
    assert "50 % at 0" in opened.run("PANELS.gaussian.panel.svg.textContent")


def test_a_parameter_out_of_its_domain_is_refused_in_words(opened):
    opened.run("choose('one', 'celu', {alpha: 0}), redraw()")
    assert "unless alpha != 0" in opened.run("document.querySelector('#one .refused').textContent")


def test_an_address_chooses(opened):
    address = "location.hash = 'one=selu&two=elu&two.alpha=0.5&view=-2,3'"
    opened.run(f"new Promise(done => {{ addEventListener('hashchange', () => done(), {{once: true}}); {address}; }})")
    chosen = opened.run("[state.one.name, state.two.name, state.two.params.alpha, state.view]")
    assert chosen == ["selu", "elu", 0.5, [-2, 3]]


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_is_wider_than_the_window(opened, width):
    opened.window(width=width, phone=width < 500)
    opened.run("choose('one', 'rational'), choose('two', 'situ_glu'), redraw()")
    opened.frames()
    assert opened.run("document.documentElement.scrollWidth") <= width
    assert opened.run("PANELS.value.panel.width") > 200


def test_light_and_dark(opened):
    ground = "getComputedStyle(document.body).backgroundColor"
    assert opened.run(ground) == "rgb(255, 255, 255)"
    opened.window(dark=True)
    assert opened.run(ground) == "rgb(18, 22, 27)"
    opened.run("$of('theme').click()")
    assert opened.run(ground) == "rgb(255, 255, 255)"


def test_a_mistake_in_the_page_would_be_seen(browser):
    browser.run("setTimeout(() => nothing.there, 0), console.error('no'), 0")
    browser.frames()
    assert len(browser.complaints()) == 2
    browser.events.clear()
