#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    double sum = 0;
    for (int at = 1; at < count; at++)
        sum += atof(words[at]);
    printf("%.1f %.3f\n", sum, sqrt(sum));
    return sum > 100;
}
