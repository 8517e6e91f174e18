// A shared object that is no plugin: it lacks the entry.
namespace
{
[[maybe_unused]] int answer = 42;
}
