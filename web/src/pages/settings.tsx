export default function Settings() {
  return <h1 tabIndex={-1}>Account</h1>;
}
