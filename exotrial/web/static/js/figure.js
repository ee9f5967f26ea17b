// A figure that came as a picture becomes one that answers to the pointer: the same specification, drawn by Vega.
/* global vega, vegaLite, vegaEmbed */

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

const figures = [...document.querySelectorAll("figure[data-spec]")];
if (figures.length) {
  const urls = JSON.parse(figures[0].dataset.scripts);
  for (const address of urls) await load(address);
  for (const figure of figures) {
    const there = figure.querySelector(".drawn");
    const spec = JSON.parse(figure.dataset.spec);
    const drawn = document.createElement("div");
    await vegaEmbed(drawn, spec, {
      ast: true,
      actions: false,
      defaultStyle: false,
      renderer: "svg",
      tooltip: { disableDefaultStyle: true },
    });
    there.replaceChildren(drawn);
  }
}
