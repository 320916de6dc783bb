//! The table: what each command and each argument is, in Chinese.

/// What stands above the long help of the program.
pub const ABOUT_LONG: &str = "终端里的练习册：把消息队列弄坏，再弄懂它。\n\n不带命令时打开练习册。";

/// What a command does; commands below others by their whole path.
const COMMANDS: &[(&str, &str)] = &[
    ("", "终端里的练习册：把消息队列弄坏，再弄懂它。不带命令时打开练习册。"),
    ("lessons", "列出课程"),
    ("read", "把一课打印出来"),
    ("labs", "列出实验；写上一个实验的 id，就细说这一个"),
    ("run", "跑一次实验，打印账本"),
    ("replay", "照着 token 再跑一次"),
    ("explain", "说清楚一条消息的下落，为什么会这样"),
    ("sweep", "把设置和故障的所有组合，用许多种子各跑一遍"),
    ("check", "检查课程：正文、实验、断言"),
    ("progress", "查看、导出、导入或清空你的进度"),
    ("progress show", "查看进度"),
    ("progress export", "以 JSON 打印进度，可以再 import"),
    ("progress import", "并入导出的文件；已有的进度一点不丢"),
    ("progress reset", "从头再来；旧文件留一份备份"),
    ("completions", "打印 shell 的补全脚本"),
    ("manual", "打印手册页（man）"),
    ("help", "显示帮助，或者某个命令的帮助"),
    ("progress help", "显示帮助，或者某个命令的帮助"),
];

/// What an argument is: for one command, or for all that have one of this name.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("", "lang", "语言：zh 或 en（默认：练习册里选过的；没选过就看 LC_ALL、LC_MESSAGES、LANG）"),
    ("", "content", "一个目录，用里面的 lessons/ 和 labs/ 盖在课程上"),
    ("", "ascii", "只用 ASCII 字符画"),
    ("", "reduced_motion", "什么都不自己动"),
    ("", "width", "终端把 ─ 这类字符画成几格：narrow 一格，wide 两格（默认：问终端）"),
    ("", "theme", "终端的配色：dark、light 或 plain（默认：问终端）"),
    ("", "help", "显示帮助"),
    ("", "version", "显示版本"),
    ("", "json", "输出 JSON，一行一个"),
    ("", "trace", "把每个事件都打印出来"),
    ("", "lab", "实验的 id，用 labs 命令可以查到"),
    ("labs", "lab", "只看这一个：事故、设置、故障、练习"),
    ("", "set", "实验的一个设置，可以写多次"),
    ("sweep", "set", "把一个设置定在这个值上；其余的照样变"),
    ("", "fault", "一个故障：它在实验里的 id，或者一句话，如 \"crash broker-1 at 2s\"；可以写多次"),
    ("sweep", "fault", "只跑这个故障；none 是不出故障"),
    ("", "seed", "随机的种子：同样的种子，同样的结局"),
    ("sweep", "seeds", "每种组合跑几次"),
    ("sweep", "all", "每种组合一行，结果相同的也不合"),
    ("check", "seeds", "每条断言跑几次"),
    ("", "threads", "几个线程（默认：有几个核就几个）；结果和它无关"),
    ("", "plain", "只用文字，给读屏软件和管道：事故、你的猜测、经过、账本"),
    ("", "token_file", "把这次运行的 token 写进文件"),
    ("", "message", "第几条消息（默认：最该说的那一条）"),
    ("", "lesson", "课的 id 或编号，用 lessons 命令可以查到"),
    ("read", "width", "一行几格"),
    ("", "path", "一个实验文件，或者盖在课程上的目录"),
    ("", "token", "一次运行的 token，以 ack1- 开头"),
    ("", "file", "导出的文件"),
    ("", "yes", "不再问"),
    ("", "shell", "哪个 shell：bash、elvish、fish、powershell、zsh"),
    ("", "subcommand", "命令的名字"),
];

pub fn command(path: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(known, _)| *known == path).map(|(_, about)| *about)
}

pub fn argument(command: &str, id: &str) -> &'static str {
    let find = |command: &str| ARGUMENTS.iter().find(|(of, known, _)| *of == command && *known == id);
    find(command).or_else(|| find("")).map_or("", |(_, _, help)| *help)
}

/// A line of usage as clap writes it, in Chinese.
pub fn usage(line: &str) -> String {
    const WORDS: [(&str, &str); 5] = [
        ("Usage: ", "用法："),
        ("[OPTIONS]", "[选项]"),
        ("[COMMAND]", "[命令]"),
        ("<COMMAND>", "<命令>"),
        ("[COMMAND]...", "[命令]..."),
    ];
    WORDS.iter().fold(line.to_owned(), |line, (english, chinese)| line.replace(english, chinese))
}
