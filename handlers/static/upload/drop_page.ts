// The page of a site that receives files without showing any.

/**
 * Renders the page.
 *
 * @returns The page, in HTML, and the value of its Content-Security-Policy.
 */
export function dropPage(): { readonly html: string; readonly csp: string } {
  return {
    html: `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Upload</title>
<h1>Upload</h1>
<form method="post" enctype="multipart/form-data">
<input type="file" name="file" multiple required>
<button>Upload</button>
</form>
</html>
`,
    csp: "default-src 'none'; form-action 'self'; base-uri 'none'",
  };
}
