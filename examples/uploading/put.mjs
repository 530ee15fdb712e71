/**
 * Sends a Blob or File with the URL and the headers of an entry of `uploads`.
 *
 * Returns the bucket's status, and the code of its XML if it refused. Throws a TypeError if there was
 * no answer: no network, a redirect, or in a browser no CORS rule for the page's origin.
 */
export async function put(url, headers, file, signal) {
  const sent = new Headers(headers);
  // It is written from the file. A browser does not let a page set it.
  sent.delete("Content-Length");
  const answer = await fetch(url, {
    method: "PUT",
    headers: sent,
    body: file,
    redirect: "error",
    credentials: "omit",
    signal,
  });
  const text = await answer.text();
  return { status: answer.status, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] };
}
