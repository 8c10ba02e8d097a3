// The page of `send_error()`. It is exactly CPython's, since scripts and tests match its text.

/** The default `error_message_format`: a %-template with `code`, `message` and `explain`. */
export const DEFAULT_ERROR_MESSAGE: string = `\
<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: %(code)d</p>
        <p>Message: %(message)s.</p>
        <p>Error code explanation: %(code)s - %(explain)s.</p>
    </body>
</html>
`;

/** The default `error_content_type`. */
export const DEFAULT_ERROR_CONTENT_TYPE: string = "text/html;charset=utf-8";
