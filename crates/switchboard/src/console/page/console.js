// Shows what goes on, once a second.
const token = location.hash.replace(/^#token=/, "");

async function look() {
  const answer = await fetch(new URL("live", import.meta.url), { headers: { authorization: `Bearer ${token}` } });
  const text = answer.ok ? JSON.stringify(await answer.json(), null, 2) : await answer.text();
  document.getElementById("live").textContent = text;
  return answer.ok;
}

if (token) {
  const timer = setInterval(async () => (await look()) || clearInterval(timer), 1_000);
}
