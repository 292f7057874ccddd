# What the scripts of this folder share: translations, and man(7).
#
# The argument of such a script is a file of translations (gettext's PO, a text and its translation on a line each). What
# stands in none stays English, and is named on standard error. --strings prints the texts as an empty PO file.
package Manual;
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Exporter 'import';
our @EXPORT = qw(word heading head literal text finish);

my $strings = @ARGV && $ARGV[0] eq '--strings';
my $po = $strings ? undef : $ARGV[0];
my (%words, %asked, @order);

if ($po) {
  open my $file, '<', $po or die "$po: $!\n";
  my $id;
  while (<$file>) {
    s/\\(["\\])/$1/g;
    if (/^msgid "(.*)"$/) { $id = $1 }
    elsif (/^msgstr "(.+)"$/ && $id ne '') { $words{$id} = $1 }
  }
}

# A text in the page's language.
sub word {
  my ($text) = @_;
  push @order, $text unless $asked{$text}++;
  warn "$po: not translated: $text\n" if $po && !exists $words{$text};
  return $words{$text} // $text;
}
sub heading { return uc word($_[0]) }

# The lines that begin a page.
sub head {
  my ($name, $section, $what) = @_;
  my @day = gmtime($ENV{SOURCE_DATE_EPOCH} // time);
  return (
    sprintf('.TH %s %s %d-%02d-%02d buzon "Buzón"', uc $name, $section, $day[5] + 1900, $day[4] + 1, $day[3]),
    '.nh', '.ad l', '.SH ' . heading('Name'), literal($name) . ' \- ' . word($what));
}

# Words that stand as they are typed.
sub literal {
  my ($text) = @_;
  $text =~ s/\\/\\e/g;
  $text =~ s/~/\\(ti/g;
  $text =~ s/\^/\\(ha/g;
  $text =~ s/-/\\-/g;
  $text =~ s/^(?=[.'])/\\&/;
  return $text;
}

# A paragraph: a new sentence begins a line; no line is long.
sub text {
  my ($text) = @_;
  $text =~ s/\\/\\e/g;
  $text =~ s/~/\\(ti/g;
  $text =~ s/\^/\\(ha/g;
  $text =~ s/(?<=e\.g\.)|(?<=ej\.)/\\&/g;
  $text =~ s/([.;:])\s+(?=\p{Lu})/$1\n/g;
  $text =~ s/(.{30,60})\s(?=.{4})/$1\n/g;
  $text =~ s/^(?=[.'])/\\&/mg;
  return $text;
}

# Prints the page, or what can be translated.
sub finish {
  print "$_\n" for $strings ? map { s/(["\\])/\\$1/gr =~ s/(.*)/msgid "$1"\nmsgstr ""\n/r } @order : @_;
}

1;
