#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::cli
{

enum class Style
{
    Plain,
    Good,
    Bad,
    Warning,
    Faint,
    Bold
};

/// What a command prints: results to standard output, everything else to standard error. Colours only on a terminal, never with NO_COLOR
/// (https://no-color.org), and as `--ansi` or `--no-ansi` say. One thread.
class Console
{
public:
    enum class Colours
    {
        Automatic,
        Always,
        Never
    };

    Console(Colours colours, int verbosity);

    void line(std::string_view text = {}) const;
    void errorLine(std::string_view text) const;
    /// `[OK] text`, as Symfony's console writes it.
    void success(std::string_view text) const;
    /// `// text`.
    void comment(std::string_view text) const;
    /// `error: text`, to standard error.
    void error(std::string_view text) const;
    void warning(std::string_view text) const;

    std::string styled(std::string_view text, Style style) const;
    /// The same for standard error.
    std::string styledError(std::string_view text, Style style) const;

    /// Columns as wide as their widest cell (in characters of UTF-8); a row is as long as the header.
    void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) const;

    /// Asks on the terminal; `otherwise` when nobody is there to answer.
    bool confirm(std::string_view question, bool otherwise) const;
    /// One of `answers`, by its first letter or whole; `otherwise` for an empty line or the end of input.
    std::string choose(std::string_view question, const std::vector<std::string>& answers, const std::string& otherwise) const;

    bool isInteractive() const { return _interactive; }
    void setInteractive(bool interactive) { _interactive = interactive; }
    bool isErrorTerminal() const { return _errorTerminal; }
    bool isOutputTerminal() const { return _outputTerminal; }
    int verbosity() const { return _verbosity; }

private:
    bool _outputTerminal;
    bool _errorTerminal;
    bool _outputColours;
    bool _errorColours;
    bool _interactive;
    int _verbosity;
};

/// Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere.
class Progress
{
public:
    /// `total` 0: unknown.
    Progress(const Console& console, std::string what, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void advance(std::uint64_t by);
    void finish();

private:
    void draw(bool isLast);

    const Console& _console;
    const std::string _what;
    const std::uint64_t _total;
    std::uint64_t _done = 0;
    std::int64_t _startedMs;
    std::int64_t _drawnMs = 0;
    bool _finished = false;
};

} // namespace carillon::cli
