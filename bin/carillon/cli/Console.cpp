#include "cli/Console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

namespace carillon::cli
{
namespace
{

bool wantsColours(Console::Colours colours, bool isTerminal)
{
    if (colours != Console::Colours::Automatic) return colours == Console::Colours::Always;
    const char* noColor = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return isTerminal && (noColor == nullptr || *noColor == '\0') && !(term != nullptr && std::string_view(term) == "dumb");
}

std::string paint(std::string_view text, Style style, bool isColoured)
{
    if (!isColoured || style == Style::Plain) return std::string(text);
    const char* code = "";
    switch (style)
    {
    case Style::Plain: break;
    case Style::Good: code = "32"; break;
    case Style::Bad: code = "31"; break;
    case Style::Warning: code = "33"; break;
    case Style::Faint: code = "2"; break;
    case Style::Bold: code = "1"; break;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

/// Characters, not bytes; escape sequences take no room.
std::size_t widthOf(std::string_view text)
{
    std::size_t width = 0;
    bool isEscape = false;
    for (const unsigned char c : text)
    {
        if (c == 0x1b) isEscape = true;
        if (!isEscape && (c & 0xC0) != 0x80) ++width;
        if (isEscape && c == 'm') isEscape = false;
    }
    return width;
}

std::int64_t steadyMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace

Console::Console(Colours colours, int verbosity) :
    _outputTerminal(isatty(STDOUT_FILENO) == 1), _errorTerminal(isatty(STDERR_FILENO) == 1), _outputColours(wantsColours(colours, _outputTerminal)),
    _errorColours(wantsColours(colours, _errorTerminal)), _interactive(isatty(STDIN_FILENO) == 1 && _outputTerminal), _verbosity(verbosity)
{
}

void Console::line(std::string_view text) const
{
    std::cout << text << '\n';
}

void Console::errorLine(std::string_view text) const
{
    std::cout.flush();
    std::cerr << text << '\n';
}

void Console::success(std::string_view text) const
{
    line(fmt::format("{} {}", styled("[OK]", Style::Good), text));
}

void Console::comment(std::string_view text) const
{
    line(styled(fmt::format("// {}", text), Style::Faint));
}

void Console::error(std::string_view text) const
{
    errorLine(fmt::format("{} {}", styledError("error:", Style::Bad), text));
}

void Console::warning(std::string_view text) const
{
    errorLine(fmt::format("{} {}", styledError("warning:", Style::Warning), text));
}

std::string Console::styled(std::string_view text, Style style) const
{
    return paint(text, style, _outputColours);
}

std::string Console::styledError(std::string_view text, Style style) const
{
    return paint(text, style, _errorColours);
}

void Console::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) const
{
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < header.size(); ++column)
    {
        widths.push_back(widthOf(header[column]));
        for (const auto& row : rows)
            widths.back() = std::max(widths.back(), widthOf(row[column]));
    }
    const auto print = [&](const std::vector<std::string>& row, Style style) {
        std::string text;
        for (std::size_t column = 0; column < row.size(); ++column)
        {
            text += ' ';
            text += style == Style::Plain ? row[column] : styled(row[column], style);
            if (column + 1 < row.size()) text.append(widths[column] - widthOf(row[column]) + 1, ' ');
        }
        line(text);
    };
    print(header, Style::Bold);
    for (const auto& row : rows)
        print(row, Style::Plain);
}

bool Console::confirm(std::string_view question, bool otherwise) const
{
    if (!_interactive) return otherwise;
    return choose(question, {"yes", "no"}, otherwise ? "yes" : "no") == "yes";
}

std::string Console::choose(std::string_view question, const std::vector<std::string>& answers, const std::string& otherwise) const
{
    std::string choices;
    for (const std::string& answer : answers)
        choices += (choices.empty() ? "" : "/") + answer;
    while (true)
    {
        std::cout << fmt::format("{} ({}) [{}]: ", question, choices, otherwise) << std::flush;
        std::string typed;
        if (!std::getline(std::cin, typed) || typed.empty()) return otherwise;
        for (const std::string& answer : answers)
            if (typed == answer || (typed.size() == 1 && typed[0] == answer[0])) return answer;
        errorLine(fmt::format("please answer one of {}", choices));
    }
}

Progress::Progress(const Console& console, std::string what, std::uint64_t total) :
    _console(console), _what(std::move(what)), _total(total), _startedMs(steadyMs())
{
}

Progress::~Progress()
{
    finish();
}

void Progress::advance(std::uint64_t by)
{
    _done += by;
    const auto interval = _console.isErrorTerminal() ? 100 : 5000;
    if (steadyMs() - std::max(_drawnMs, _startedMs) >= interval) draw(false);
}

void Progress::finish()
{
    if (_finished) return;
    _finished = true;
    // Work that was over before anything was drawn needs no bar.
    if (_drawnMs != 0 || _console.isErrorTerminal()) draw(true);
}

void Progress::draw(bool isLast)
{
    _drawnMs = steadyMs();
    const double seconds = std::max(0.001, static_cast<double>(_drawnMs - _startedMs) / 1000.0);
    const double rate = static_cast<double>(_done) / seconds;
    std::string text;
    if (_total > 0)
    {
        constexpr std::size_t width = 28;
        const auto filled = std::min<std::size_t>(width, _done * width / _total);
        const double left = rate > 0 ? static_cast<double>(_total - std::min(_done, _total)) / rate : 0;
        text = fmt::format(" {}/{} [{}{}] {:3}% {:.0f}/s {:.0f}s left", _done, _total, std::string(filled, '='), std::string(width - filled, '-'),
                           std::min<std::uint64_t>(100, _done * 100 / _total), rate, left);
    }
    else
        text = fmt::format(" {} {:.0f}/s", _done, rate);
    if (_console.isErrorTerminal())
        std::cerr << '\r' << _what << text << "\x1b[K" << (isLast ? "\n" : "") << std::flush;
    else
        _console.errorLine(_what + text);
}

} // namespace carillon::cli
