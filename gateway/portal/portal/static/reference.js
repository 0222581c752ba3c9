// Draws the API reference from the document that the page names.
(() => {
  "use strict";
  const place = document.getElementById("reference");
  if (typeof SwaggerUIBundle === "undefined") {
    place.textContent = place.dataset.failed;
    return;
  }
  SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    filter: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    showCommonExtensions: true,
    showMutatedRequest: false,
    validatorUrl: null,
    syntaxHighlight: { activated: true, theme: "agate" },
  });
})();
